//! What APNs answers, and what it means. Pure.
//!
//! Source of every status and reason: Apple, "Handling notification responses from APNs". What follows from
//! each is the relay's own rule: a device token dies only by a word about the device, and a word about us
//! never costs a device its token.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::base::UnixMillis;
use crate::model::{AttemptOutcome, Reason};

/// How long a device is left alone that got too much. Apple names no figure.
const CROWDED_TOKEN: Duration = Duration::from_secs(30);
/// How long we are quiet after we renewed our provider token too often. Apple names no figure.
const CROWDED_PROVIDER: Duration = Duration::from_mins(1);

/// An answer of APNs, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// What the attempt came to, where nothing else is tried.
    pub(super) outcome: AttemptOutcome,
    /// What is worth one more attempt at once.
    pub(super) remedy: Remedy,
}

/// What may turn a refusal into acceptance, tried once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing.
    None,
    /// A new provider token, on a new connection.
    RenewToken,
    /// A new connection.
    Reconnect,
    /// A new connection, but not again and again: others use the old one with success.
    ReconnectRarely,
}

/// `timestamp` comes with 410 only: unix milliseconds.
#[derive(Deserialize)]
struct Body {
    reason: Option<String>,
    timestamp: Option<i64>,
}

/// Reads an answer. A body that is not what Apple documents counts as missing.
pub(super) fn read(status: StatusCode, body: &[u8]) -> Reading {
    if status == StatusCode::OK {
        return settled(AttemptOutcome::Accepted);
    }
    let body = serde_json::from_slice(body).unwrap_or(Body { reason: None, timestamp: None });
    let name = body.reason.as_deref().unwrap_or_default();
    let reason = if name.is_empty() {
        Reason::theirs(&format!("http_{}", status.as_u16()))
    } else {
        Reason::theirs(name)
    };
    match status.as_u16() {
        400 => bad_request(name, reason),
        403 => forbidden(name, reason),
        410 => gone(name, reason, body.timestamp),
        429 => crowded(name, reason),
        500..=599 => unavailable(name, reason),
        // 404 BadPath, 405 MethodNotAllowed, 413 PayloadTooLarge: our mistake, and repeating does not mend it.
        401..=499 => settled(AttemptOutcome::Rejected { reason }),
        // Apple documents no other success: it may have been taken.
        201..=299 => settled(AttemptOutcome::AnswerLost { reason }),
        // A redirect is never followed: whoever sends one is not APNs.
        _ => settled(AttemptOutcome::AppHeld { reason }),
    }
}

fn bad_request(name: &str, reason: Reason) -> Reading {
    match name {
        // Malformed, or of the other environment.
        "BadDeviceToken" => settled(AttemptOutcome::TokenNotForApp { reason, try_other_environment: true }),
        "DeviceTokenNotForTopic" => {
            settled(AttemptOutcome::TokenNotForApp { reason, try_other_environment: false })
        }
        // About the app as a whole: the topic that its config names. A connection knows only the topics that
        // the key had when it was bound ("Establishing a token-based connection to APNs").
        "TopicDisallowed" => {
            Reading { outcome: AttemptOutcome::AppHeld { reason }, remedy: Remedy::ReconnectRarely }
        }
        "BadTopic" | "MissingTopic" => settled(AttemptOutcome::AppHeld { reason }),
        // The connection was closed for being idle, as this request came.
        "IdleTimeout" => Reading {
            outcome: AttemptOutcome::NotProcessed { reason, after: None },
            remedy: Remedy::Reconnect,
        },
        // BadCollapseId, BadExpirationDate, BadMessageId, BadPriority, InvalidPushType, DuplicateHeaders,
        // PayloadEmpty, MissingDeviceToken, and what Apple has added since: this request will not do.
        _ => settled(AttemptOutcome::Rejected { reason }),
    }
}

/// Every 403 is about us.
fn forbidden(name: &str, reason: Reason) -> Reading {
    let remedy = match name {
        // Older than an hour. The connection that heard it stays refused.
        "ExpiredProviderToken" => Remedy::RenewToken,
        // A connection is bound to the team and key family of its first push.
        "InvalidProviderToken" | "UnrelatedKeyIdInToken" => Remedy::Reconnect,
        // BadEnvironmentKeyIdInToken as documented, BadEnvironmentKeyInToken as servers spell it: the key is
        // for the other environment. Forbidden, MissingProviderToken, BadCertificate,
        // BadCertificateEnvironment: nothing to try.
        _ => Remedy::None,
    };
    Reading { outcome: AttemptOutcome::AppHeld { reason }, remedy }
}

fn gone(name: &str, reason: Reason, timestamp: Option<i64>) -> Reading {
    settled(match (name, timestamp) {
        ("Unregistered" | "ExpiredToken", Some(at)) => {
            AttemptOutcome::TokenDead { reason, since: Some(UnixMillis(at)) }
        }
        // Without the time nobody can tell whether the app registered again since, so nothing is retired.
        _ => AttemptOutcome::Rejected { reason },
    })
}

fn crowded(name: &str, reason: Reason) -> Reading {
    let after = match name {
        "TooManyProviderTokenUpdates" => CROWDED_PROVIDER,
        // TooManyRequests is about one device token.
        _ => CROWDED_TOKEN,
    };
    settled(AttemptOutcome::TryLater { reason, after: Some(after) })
}

fn unavailable(name: &str, reason: Reason) -> Reading {
    let remedy = match name {
        // The connection is closing: another one may do.
        "Shutdown" => Remedy::Reconnect,
        // InternalServerError, ServiceUnavailable, and a gateway's own page.
        _ => Remedy::None,
    };
    Reading { outcome: AttemptOutcome::TryLater { reason, after: None }, remedy }
}

fn settled(outcome: AttemptOutcome) -> Reading {
    Reading { outcome, remedy: Remedy::None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reading(status: u16, body: &str) -> Reading {
        read(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    fn named(status: u16, reason: &str) -> (AttemptOutcome, Remedy) {
        let reading = reading(status, &format!(r#"{{"reason":"{reason}"}}"#));
        (reading.outcome, reading.remedy)
    }

    #[test]
    fn two_hundred_is_accepted() {
        assert_eq!(reading(200, "").outcome, AttemptOutcome::Accepted);
    }

    #[test]
    fn a_token_that_does_not_fit_is_not_dead() {
        for (name, other) in [("BadDeviceToken", true), ("DeviceTokenNotForTopic", false)] {
            let reason = Reason::theirs(name);
            let expected = AttemptOutcome::TokenNotForApp { reason, try_other_environment: other };
            assert_eq!(named(400, name), (expected, Remedy::None));
        }
    }

    #[test]
    fn what_is_about_us_holds_the_app() {
        for (status, name, remedy) in [
            (400, "BadTopic", Remedy::None),
            (400, "TopicDisallowed", Remedy::ReconnectRarely),
            (400, "MissingTopic", Remedy::None),
            (403, "ExpiredProviderToken", Remedy::RenewToken),
            (403, "InvalidProviderToken", Remedy::Reconnect),
            (403, "UnrelatedKeyIdInToken", Remedy::Reconnect),
            (403, "MissingProviderToken", Remedy::None),
            (403, "BadEnvironmentKeyIdInToken", Remedy::None),
            (403, "BadEnvironmentKeyInToken", Remedy::None),
            (403, "BadCertificate", Remedy::None),
            (403, "BadCertificateEnvironment", Remedy::None),
            (403, "Forbidden", Remedy::None),
            (403, "SomethingNew", Remedy::None),
        ] {
            let expected = AttemptOutcome::AppHeld { reason: Reason::theirs(name) };
            assert_eq!(named(status, name), (expected, remedy), "{name}");
        }
    }

    #[test]
    fn a_request_that_will_not_do_is_rejected() {
        for (status, name) in [
            (400, "BadCollapseId"),
            (400, "BadExpirationDate"),
            (400, "BadMessageId"),
            (400, "BadPriority"),
            (400, "InvalidPushType"),
            (400, "DuplicateHeaders"),
            (400, "PayloadEmpty"),
            (400, "MissingDeviceToken"),
            (400, "SomethingNew"),
            (404, "BadPath"),
            (405, "MethodNotAllowed"),
            (413, "PayloadTooLarge"),
            (418, "SomethingNew"),
        ] {
            let expected = AttemptOutcome::Rejected { reason: Reason::theirs(name) };
            assert_eq!(named(status, name), (expected, Remedy::None), "{name}");
        }
    }

    #[test]
    fn what_passes_is_tried_later() {
        for (status, name, after, remedy) in [
            (429, "TooManyRequests", Some(30), Remedy::None),
            (429, "TooManyProviderTokenUpdates", Some(60), Remedy::None),
            (500, "InternalServerError", None, Remedy::None),
            (503, "ServiceUnavailable", None, Remedy::None),
            (503, "Shutdown", None, Remedy::Reconnect),
            (599, "SomethingNew", None, Remedy::None),
        ] {
            let after = after.map(Duration::from_secs);
            let expected = AttemptOutcome::TryLater { reason: Reason::theirs(name), after };
            assert_eq!(named(status, name), (expected, remedy), "{name}");
        }
    }

    #[test]
    fn an_idle_timeout_is_repeated_on_another_connection() {
        let expected = AttemptOutcome::NotProcessed { reason: Reason::theirs("IdleTimeout"), after: None };
        assert_eq!(named(400, "IdleTimeout"), (expected, Remedy::Reconnect));
    }

    #[test]
    fn a_token_dies_only_by_410_with_a_reason_and_a_time() {
        for name in ["Unregistered", "ExpiredToken"] {
            let answer = format!(r#"{{"reason":"{name}","timestamp":1763683200000}}"#);
            let (reason, since) = (Reason::theirs(name), Some(UnixMillis(1_763_683_200_000)));
            assert_eq!(reading(410, &answer).outcome, AttemptOutcome::TokenDead { reason, since });
        }
        for answer in [
            r#"{"reason":"Unregistered"}"#,
            r#"{"reason":"Unregistered","timestamp":"now"}"#,
            r#"{"reason":"SomethingNew","timestamp":1763683200000}"#,
            r#"{"timestamp":1763683200000}"#,
            "<html>Gone</html>",
            "",
        ] {
            let outcome = reading(410, answer).outcome;
            assert!(matches!(outcome, AttemptOutcome::Rejected { .. }), "{answer}: {outcome:?}");
        }
        let elsewhere = r#"{"reason":"Unregistered","timestamp":1763683200000}"#;
        assert!(matches!(reading(400, elsewhere).outcome, AttemptOutcome::Rejected { .. }));
    }

    #[test]
    fn garbage_is_judged_by_its_status() {
        let reason = |status: u16| Reason::theirs(&format!("http_{status}"));
        for garbage in ["", "<html>502</html>", "[]", "{\"reason\":7}", "{\"reason\":\"\"}", "\u{0}"] {
            for (status, expected) in [
                (400, AttemptOutcome::Rejected { reason: reason(400) }),
                (403, AttemptOutcome::AppHeld { reason: reason(403) }),
                (502, AttemptOutcome::TryLater { reason: reason(502), after: None }),
                (202, AttemptOutcome::AnswerLost { reason: reason(202) }),
                (302, AttemptOutcome::AppHeld { reason: reason(302) }),
            ] {
                assert_eq!(reading(status, garbage).outcome, expected, "{status} {garbage}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_answer_panics_and_only_410_kills(status in 100_u16..1000, body in any::<Vec<u8>>()) {
            let outcome = read(StatusCode::from_u16(status).unwrap(), &body).outcome;
            let is_dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
            prop_assert!(!is_dead || status == 410);
        }
    }
}
