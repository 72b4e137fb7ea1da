//! How long a relay with this config keeps what it keeps, in words: for `GET /v1/privacy` and the papers.
//!
//! Read from the values that the sweep goes by, so that the words cannot say another term than it enforces.

use std::time::Duration;

use crate::config::Config;
use crate::model::SharingMode;

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

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Every term.
#[must_use]
pub fn retention_terms(config: &Config) -> Vec<RetentionTerm> {
    let of = |what, kept, setting| RetentionTerm { what, kept, setting };
    let retention = &config.retention;
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
    let live = format!("{} after the last sign of life", in_words(retention.registrations));
    let told = format!("until acknowledged, at most {}", in_words(retention.feedback));
    let audit = retention.audit.map_or_else(|| "for ever".to_owned(), in_words);
    vec![
        of("outcomes of notifications", outcomes, Some("outcomes.keep_hours")),
        of(
            "what waits for a device",
            "until it is decided, at most its time to live (28 days)".to_owned(),
            None,
        ),
        of("a registration with its device token", live, Some("retention.registration_days")),
        of(
            "a registration that nothing ever confirmed",
            in_words(retention.unconfirmed),
            Some("retention.unconfirmed_registration_days"),
        ),
        of(
            "a subscription that was never used",
            in_words(retention.unused_subscriptions),
            Some("retention.unused_subscription_days"),
        ),
        of("that a subscription ended, for its sender", told, Some("retention.feedback_days")),
        of("codes that prove a device token", "1 hour".to_owned(), None),
        of("usage that a sender's administrator shares", shared, Some("sharing.keep_days")),
        of("a sender that joined openly and is not used", unused, Some("admission.unused_days")),
        of("the audit log, which holds ids and no names", audit, Some("retention.audit_days")),
        of(
            "that something was removed, as a hash",
            in_words(retention.backups),
            Some("retention.backup_days"),
        ),
    ]
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
}
