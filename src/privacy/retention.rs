//! How long what nobody uses is kept. Pure: whoever sweeps tells the time.

use std::time::Duration;

use crate::base::{Day, UnixMillis};
use crate::config::Retention;

/// A day.
const DAY: Duration = Duration::from_hours(24);
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
    /// The audit log's entries are cut that are from before this, if any are.
    pub audit: Option<UnixMillis>,
    /// What was removed on request is forgotten beside the database where that was before this day.
    pub removals: Day,
}

impl Ends {
    /// What has ended at `now`, where each kind is kept for as long as `kept` says.
    #[must_use]
    pub fn at(now: UnixMillis, kept: &Retention) -> Self {
        Self {
            silent: now.minus(kept.registrations),
            silent_day: now.minus(kept.registrations).day(),
            never_confirmed: now.minus(kept.unconfirmed),
            never_used: now.minus(kept.unused_subscriptions).day(),
            // At most so many days, of which the first may have been a whole one.
            feedback: now.minus(kept.feedback.saturating_sub(DAY)).day(),
            codes: now.minus(CODE),
            removals: now.minus(kept.backups).day(),
            audit: kept.audit.map(|kept| now.minus(kept).day().begins()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_age() {
        let now = UnixMillis(1_000 * 86_400_000 + 5);
        let ends = Ends::at(now, &Retention::default());
        assert_eq!(ends.silent, UnixMillis(730 * 86_400_000 + 5));
        assert_eq!((ends.silent_day, ends.never_used), (Day(730), Day(910)));
        assert_eq!(ends.feedback, Day(971));
        assert_eq!(ends.never_confirmed, UnixMillis(970 * 86_400_000 + 5));
        assert_eq!(ends.codes, UnixMillis(now.0 - 3_600_000));
        assert_eq!(
            ends.audit,
            Some(UnixMillis(600 * 86_400_000)),
            "whole days, so that a cut is made once a day"
        );
    }

    #[test]
    fn a_clock_at_the_beginning_of_time_ends_nothing_that_is_stored() {
        let ends = Ends::at(UnixMillis(0), &Retention::default());
        assert!(ends.silent < UnixMillis(0) && ends.never_confirmed < UnixMillis(0));
        assert!(ends.never_used < Day(0));
    }
}
