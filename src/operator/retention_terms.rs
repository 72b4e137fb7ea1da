//! How long a relay with this config keeps what it keeps, in words: for `GET /v1/privacy` and the papers.
//!
//! Read from the values that the sweep goes by, so that the words cannot say another term than it enforces.

use std::time::Duration;

use crate::base::{Day, UnixMillis};
use crate::config::Config;
use crate::model::SharingMode;
use crate::privacy::Ends;

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionTerm {
    /// Of what.
    pub what: &'static str,
    /// How long, in words.
    pub kept: String,
    /// The key of the config that sets it; `None` where none does.
    pub setting: Option<&'static str>,
}

/// A moment so late that every term counts back from it to a day that there is.
const NOW: UnixMillis = UnixMillis(1 << 45);
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Every term.
#[must_use]
pub fn retention_terms(config: &Config) -> Vec<RetentionTerm> {
    let ends = Ends::at(NOW);
    let of = |what, kept, setting| RetentionTerm { what, kept, setting };
    let outcomes = match config.outcomes.keep {
        Duration::ZERO => "not at all".to_owned(),
        keep => in_words(keep),
    };
    let unused = match config.admission.unused() {
        Some(unused) => format!("{} after its last use", in_words(unused)),
        None => "until it is erased".to_owned(),
    };
    let shared = match config.sharing.mode {
        SharingMode::LockedOff => "not at all".to_owned(),
        SharingMode::Offered => in_words(config.sharing.keep()),
    };
    vec![
        of("outcomes of notifications", outcomes, Some("outcomes.keep_hours")),
        of(
            "what waits for a device",
            "until it is decided, at most its time to live (28 days)".to_owned(),
            None,
        ),
        of(
            "a registration with its device token",
            format!("{} after the last sign of life", in_words(NOW.since(ends.silent))),
            None,
        ),
        of("a registration that nothing ever confirmed", in_words(NOW.since(ends.never_confirmed)), None),
        of("a subscription that was never used", in_words(since(ends.never_used)), None),
        of(
            "that a subscription ended, for its sender",
            format!(
                "until acknowledged, at most {}",
                in_words(since(ends.feedback) + Duration::from_secs(DAY))
            ),
            None,
        ),
        of("codes that prove a device token", in_words(NOW.since(ends.codes)), None),
        of("usage that a sender's administrator shares", shared, Some("sharing.keep_days")),
        of("a sender that joined openly and is not used", unused, Some("admission.unused_days")),
        of("the audit log, which holds ids and no names", "as long as the database".to_owned(), None),
    ]
}

fn since(day: Day) -> Duration {
    let days = u64::try_from(NOW.day().0 - day.0).unwrap_or(0);
    Duration::from_secs(days * DAY)
}

/// In the largest unit that says it in a whole number.
fn in_words(term: Duration) -> String {
    let seconds = term.as_secs();
    let (count, unit) = match seconds {
        _ if seconds > DAY && seconds.is_multiple_of(DAY) => (seconds / DAY, "day"),
        _ if seconds.is_multiple_of(HOUR) => (seconds / HOUR, "hour"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_said_in_the_largest_whole_unit() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(words(270 * DAY), "270 days");
        assert_eq!((words(DAY), words(2 * DAY)), ("24 hours".to_owned(), "2 days".to_owned()));
        assert_eq!((words(HOUR), words(90)), ("1 hour".to_owned(), "90 seconds".to_owned()));
    }

    #[test]
    fn days_are_counted_back_from_the_same_moment() {
        assert_eq!(since(Day(NOW.day().0 - 90)), Duration::from_secs(90 * DAY));
    }
}
