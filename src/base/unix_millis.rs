//! Points in time, as the relay stores and shows them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// This point moved later by `duration`; saturates at the end of the range.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This point moved earlier by `duration`; saturates at the beginning of the range.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How much later this point is than `earlier`; zero where it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The UTC day that holds this point: what is kept where a time of day would say too much.
    #[must_use]
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(MILLIS_PER_DAY)).unwrap_or(i32::MAX))
    }
}

impl fmt::Display for UnixMillis {
    /// RFC 3339 in UTC with milliseconds, as in the API.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0) * 1_000_000;
        let text =
            OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().and_then(|at| at.format(&Rfc3339).ok());
        f.write_str(text.as_deref().unwrap_or("out of range"))
    }
}

/// A text that is no point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time such as 2026-11-21T08:00:00Z")]
pub struct TimeError;

impl FromStr for UnixMillis {
    type Err = TimeError;

    /// RFC 3339; what is finer than a millisecond is left out.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimeError)?;
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).map(Self).map_err(|_| TimeError)
    }
}

/// A UTC day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Midnight UTC, with which it begins.
    #[must_use]
    pub fn begins(self) -> UnixMillis {
        UnixMillis(i64::from(self.0).saturating_mul(MILLIS_PER_DAY))
    }
}

impl fmt::Display for Day {
    /// The date as `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.begins().to_string();
        f.write_str(text.split('T').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc_also_before_the_epoch() {
        assert_eq!(UnixMillis(86_399_999).day(), Day(0));
        assert_eq!(UnixMillis(86_400_000).day(), Day(1));
        assert_eq!(UnixMillis(-1).day(), Day(-1));
        assert_eq!(UnixMillis(86_400_001).day().begins(), UnixMillis(86_400_000));
        assert_eq!(UnixMillis(-1).day().begins(), UnixMillis(-86_400_000));
    }

    #[test]
    fn a_time_is_shown_as_rfc_3339() {
        assert_eq!(UnixMillis(1_763_683_200_250).to_string(), "2025-11-21T00:00:00.25Z");
        assert_eq!(Day(20_413).to_string(), "2025-11-21");
        assert_eq!("2025-11-21T00:00:00.25Z".parse(), Ok(UnixMillis(1_763_683_200_250)));
        assert_eq!("2025-11-21".parse::<UnixMillis>(), Err(TimeError));
    }

    #[test]
    fn the_time_since_a_later_point_is_zero() {
        assert_eq!(UnixMillis(5).since(UnixMillis(9)), Duration::ZERO);
    }
}
