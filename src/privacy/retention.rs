//! How long what nobody uses is kept. Pure: whoever sweeps tells the time.

use std::time::Duration;

use crate::base::{Day, UnixMillis};

/// A registration whose token once worked, after the last sign of life.
const SILENT: Duration = Duration::from_hours(24 * 270);
/// A registration that nothing ever confirmed: neither an echo nor a notification that was accepted.
const NEVER_CONFIRMED: Duration = Duration::from_hours(24 * 30);
/// A subscription for which nothing was ever accepted.
const NEVER_USED: Duration = Duration::from_hours(24 * 90);
/// What a sender was told of, or could have been: thirty days, of which the first may have been a whole one.
const FEEDBACK: Duration = Duration::from_hours(24 * 29);
/// A code, of which only the time still matters after a quarter of an hour.
const CODE: Duration = Duration::from_hours(1);

/// Before which times what is not used any more ends. What is exactly so old stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// A confirmed registration ends where its token was last registered, replaced or confirmed before this…
    pub silent: UnixMillis,
    /// …and, if ever, last accepted before this day.
    pub silent_day: Day,
    /// A registration that was never confirmed ends where it was last registered or replaced before this.
    pub never_confirmed: UnixMillis,
    /// A subscription that was never used ends where it was made before this day.
    pub never_used: Day,
    /// What a sender did not acknowledge is forgotten where it is from before this day.
    pub feedback: Day,
    /// A code is forgotten that was sent before this.
    pub codes: UnixMillis,
}

impl Ends {
    /// What has ended at `now`.
    #[must_use]
    pub fn at(now: UnixMillis) -> Self {
        Self {
            silent: now.minus(SILENT),
            silent_day: now.minus(SILENT).day(),
            never_confirmed: now.minus(NEVER_CONFIRMED),
            never_used: now.minus(NEVER_USED).day(),
            feedback: now.minus(FEEDBACK).day(),
            codes: now.minus(CODE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_age() {
        let now = UnixMillis(1_000 * 86_400_000 + 5);
        let ends = Ends::at(now);
        assert_eq!(ends.silent, UnixMillis(730 * 86_400_000 + 5));
        assert_eq!((ends.silent_day, ends.never_used), (Day(730), Day(910)));
        assert_eq!(ends.feedback, Day(971));
        assert_eq!(ends.never_confirmed, UnixMillis(970 * 86_400_000 + 5));
        assert_eq!(ends.codes, UnixMillis(now.0 - 3_600_000));
    }

    #[test]
    fn a_clock_at_the_beginning_of_time_ends_nothing_that_is_stored() {
        let ends = Ends::at(UnixMillis(0));
        assert!(ends.silent < UnixMillis(0) && ends.never_confirmed < UnixMillis(0));
        assert!(ends.never_used < Day(0));
    }
}
