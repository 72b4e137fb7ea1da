//! The time at which an app made a registration.
//!
//! Owns its one spelling, RFC 3339 in UTC with whole seconds; must not judge its age. Read next:
//! [`super::open_registration`], which does.

use std::fmt;

use time::{
    OffsetDateTime, PrimitiveDateTime, format_description::StaticFormatDescription,
    macros::format_description,
};

const FORMAT: StaticFormatDescription = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
/// 9999-12-31T23:59:59Z, the last time that RFC 3339 can write.
const LAST: u64 = 253_402_300_799;

/// A time in whole seconds, from 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreatedAt(u64);

impl CreatedAt {
    /// The whole seconds of a time in unix milliseconds; none after the year 9999.
    #[must_use]
    pub fn from_unix_ms(unix_ms: u64) -> Option<Self> {
        let seconds = unix_ms / 1000;
        (seconds <= LAST).then_some(Self(seconds))
    }

    /// The time in unix milliseconds, a multiple of 1,000.
    #[must_use]
    pub const fn unix_ms(self) -> u64 {
        self.0 * 1000
    }

    /// Reads `2026-11-21T01:44:00Z` and no other spelling (RFC 3339, section 5.6, with a capital `T` and `Z`, without
    /// fractions or another offset).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let time = PrimitiveDateTime::parse(text, FORMAT).ok()?.assume_utc();
        let parsed = Self(u64::try_from(time.unix_timestamp()).ok()?);
        // The library reads a few spellings more than it writes.
        (parsed.to_string() == text).then_some(parsed)
    }
}

impl fmt::Display for CreatedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.0).expect("a time before the year 10000");
        let time = OffsetDateTime::from_unix_timestamp(seconds).expect("a time before the year 10000");
        f.write_str(&time.format(FORMAT).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{CreatedAt, LAST};

    #[test]
    fn milliseconds_are_cut_and_the_text_ends_in_z() {
        let at = CreatedAt::from_unix_ms(1_795_225_440_999);
        assert_eq!(at.map(|at| at.to_string()).as_deref(), Some("2026-11-21T01:44:00Z"));
        assert_eq!(CreatedAt::parse("2026-11-21T01:44:00Z"), at);
    }

    #[test]
    fn the_range_ends_where_rfc_3339_ends() {
        assert_eq!(CreatedAt::parse("9999-12-31T23:59:59Z"), Some(CreatedAt(LAST)));
        assert_eq!(CreatedAt::from_unix_ms((LAST + 1) * 1000), None);
        assert_eq!(CreatedAt::parse("1970-01-01T00:00:00Z"), Some(CreatedAt(0)));
        assert_eq!(CreatedAt::parse("1969-12-31T23:59:59Z"), None);
    }

    #[test]
    fn every_second_spelling_is_refused() {
        for text in [
            "2026-11-21t01:44:00z",
            "2026-11-21 01:44:00Z",
            "2026-11-21T01:44:00.0Z",
            "2026-11-21T01:44:00+00:00",
            "2026-11-21T01:44Z",
            "2026-11-21T01:44:00",
            "+2026-11-21T01:44:00Z",
            "2026-11-31T01:44:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T01:44:60Z",
            " 2026-11-21T01:44:00Z",
            "",
        ] {
            assert_eq!(CreatedAt::parse(text), None, "{text:?}");
        }
    }
}
