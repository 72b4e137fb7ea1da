//! What APNs answers, and what it means. Pure.
//!
//! Source of every status and reason: Apple, "Handling notification responses from APNs". What follows from
//! each is the relay's own rule: a device token dies only by a word about the device, and a word about us
//! never costs a device its token.

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::base::UnixMillis;
use crate::model::Reason;
use crate::push_services::answers::{ANY, AnswerRow, Details, Meaning, Reading, Remedy, find, row, rows};
use crate::push_services::retry_after;

/// Every answer. The first row that fits counts.
pub(in crate::push_services) const ANSWERS: &[AnswerRow] = &[
    row(200, ANY, Meaning::Accepted),
    // Malformed, or of the other environment.
    row(400, "BadDeviceToken", Meaning::OtherEnvironment),
    row(400, "DeviceTokenNotForTopic", Meaning::TokenNotForApp),
    // About the app as a whole: the topic that its config names. A connection knows only the topics that the
    // key had when it was bound ("Establishing a token-based connection to APNs").
    row(400, "TopicDisallowed", Meaning::AppHeld).after(Remedy::NewConnectionRarely),
    row(400, "BadTopic", Meaning::AppHeld),
    row(400, "MissingTopic", Meaning::AppHeld),
    row(400, "BadCollapseId", Meaning::Rejected),
    row(400, "BadExpirationDate", Meaning::Rejected),
    row(400, "BadMessageId", Meaning::Rejected),
    row(400, "BadPriority", Meaning::Rejected),
    row(400, "DuplicateHeaders", Meaning::Rejected),
    row(400, "InvalidPushType", Meaning::Rejected),
    row(400, "MissingDeviceToken", Meaning::Rejected),
    row(400, "PayloadEmpty", Meaning::Rejected),
    // The connection was closed for being idle, as this request came.
    row(400, "IdleTimeout", Meaning::NotProcessed).after(Remedy::NewConnection),
    row(400, ANY, Meaning::Rejected),
    // Undocumented at APNs: something in between asks who we are.
    row(401, ANY, Meaning::CredentialHeld),
    // Older than an hour. The connection that heard it stays refused.
    row(403, "ExpiredProviderToken", Meaning::CredentialHeld).after(Remedy::NewToken),
    // A connection is bound to the team and key family of its first push.
    row(403, "InvalidProviderToken", Meaning::CredentialHeld).after(Remedy::NewConnection),
    row(403, "UnrelatedKeyIdInToken", Meaning::CredentialHeld).after(Remedy::NewConnection),
    row(403, "MissingProviderToken", Meaning::CredentialHeld),
    // The key is for the other environment: as documented, and as servers spell it.
    row(403, "BadEnvironmentKeyIdInToken", Meaning::CredentialHeld),
    row(403, "BadEnvironmentKeyInToken", Meaning::CredentialHeld),
    row(403, "BadCertificate", Meaning::CredentialHeld),
    row(403, "BadCertificateEnvironment", Meaning::CredentialHeld),
    row(403, "Forbidden", Meaning::CredentialHeld),
    row(403, ANY, Meaning::CredentialHeld),
    row(404, "BadPath", Meaning::Rejected),
    row(405, "MethodNotAllowed", Meaning::Rejected),
    // A proxy that wants to know who we are.
    row(407, ANY, Meaning::CredentialHeld),
    // A gateway that lost patience.
    row(408, ANY, Meaning::Fault),
    row(410, "Unregistered", Meaning::TokenDeadSince),
    row(410, "ExpiredToken", Meaning::TokenDeadSince),
    row(413, "PayloadTooLarge", Meaning::Rejected),
    // About one device token. Apple names no wait.
    row(429, "TooManyRequests", Meaning::TokenBusy).waits(30),
    // About everything under the key. Apple names no wait.
    row(429, "TooManyProviderTokenUpdates", Meaning::CredentialBusy).waits(60),
    row(429, ANY, Meaning::TokenBusy).waits(30),
    rows(402, 499, ANY, Meaning::Rejected),
    row(500, "InternalServerError", Meaning::Fault),
    row(503, "ServiceUnavailable", Meaning::Fault),
    // The connection is closing: another one may do.
    row(503, "Shutdown", Meaning::Fault).after(Remedy::NewConnection),
    rows(500, 599, ANY, Meaning::Fault),
    // Apple documents no other success: it may have been taken.
    rows(201, 299, ANY, Meaning::Unclear),
    // A redirect is never followed: whoever sends one is not APNs.
    rows(100, 999, ANY, Meaning::CredentialHeld),
];

/// `timestamp` comes with 410 only: unix milliseconds.
#[derive(Deserialize)]
struct Body {
    reason: Option<String>,
    timestamp: Option<i64>,
}

/// Reads an answer that came at `now`. A body that is not what Apple documents counts as missing.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], now: UnixMillis) -> Reading {
    let status = status.as_u16();
    if status == 200 {
        return find(ANSWERS, status, ANY).read(Reason::ours("accepted"), Details::default());
    }
    let body = serde_json::from_slice(body).unwrap_or(Body { reason: None, timestamp: None });
    let name = body.reason.as_deref().unwrap_or_default();
    let reason =
        if name.is_empty() { Reason::theirs(&format!("http_{status}")) } else { Reason::theirs(name) };
    // Apple documents no `Retry-After`; a gateway in between may send one.
    let wait = retry_after::parse(headers, now);
    let since = body.timestamp.map(UnixMillis);
    find(ANSWERS, status, name).read(reason, Details { since, wait, ..Details::default() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderValue, header};
    use proptest::prelude::*;

    use super::*;
    use crate::model::AttemptOutcome;
    use crate::push_services::answers::Signal;

    const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

    fn reading(status: u16, body: &str) -> Reading {
        read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), NOW)
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
            (400, "TopicDisallowed", Remedy::NewConnectionRarely),
            (400, "MissingTopic", Remedy::None),
            (403, "ExpiredProviderToken", Remedy::NewToken),
            (403, "InvalidProviderToken", Remedy::NewConnection),
            (403, "UnrelatedKeyIdInToken", Remedy::NewConnection),
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
            (503, "Shutdown", None, Remedy::NewConnection),
            (599, "SomethingNew", None, Remedy::None),
        ] {
            let after = after.map(Duration::from_secs);
            let expected = AttemptOutcome::TryLater { reason: Reason::theirs(name), after };
            assert_eq!(named(status, name), (expected, remedy), "{name}");
        }
    }

    #[test]
    fn a_wait_that_something_in_between_asks_for_is_kept() {
        for (text, seconds) in [("45", 45), ("Fri, 21 Nov 2025 00:02:00 GMT", 120)] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(text))]);
            let outcome = read(StatusCode::SERVICE_UNAVAILABLE, &headers, b"", NOW).outcome;
            let after = Some(Duration::from_secs(seconds));
            assert_eq!(outcome, AttemptOutcome::TryLater { reason: Reason::theirs("http_503"), after });
        }
    }

    #[test]
    fn each_answer_tells_the_breaker_what_it_is_about() {
        let reason = Reason::theirs;
        let rest = Duration::from_mins(1);
        for (status, name, signal) in [
            (200, "", Signal::Accepted),
            (400, "BadDeviceToken", Signal::Answered),
            (400, "BadTopic", Signal::AppRefused(reason("BadTopic"))),
            (403, "Forbidden", Signal::CredentialRefused(reason("Forbidden"))),
            (410, "Unregistered", Signal::Answered),
            (413, "PayloadTooLarge", Signal::Answered),
            (429, "TooManyRequests", Signal::Answered),
            (429, "TooManyProviderTokenUpdates", Signal::Rest(reason("TooManyProviderTokenUpdates"), rest)),
            (500, "InternalServerError", Signal::Fault(reason("InternalServerError"))),
            (400, "IdleTimeout", Signal::Nothing),
        ] {
            assert_eq!(reading(status, &format!(r#"{{"reason":"{name}"}}"#)).signal, signal, "{name}");
        }
    }

    #[test]
    fn every_row_can_be_reached() {
        for row in ANSWERS {
            let named = matches!(row.reason(), reason if !reason.contains(' '));
            let name = if named { row.reason() } else { "SomethingNew" };
            let status = row.status()[..3].parse().unwrap();
            let found = find(ANSWERS, status, name);
            assert!(
                found.meaning == row.meaning && found.remedy == row.remedy,
                "{row:?} is hidden by {found:?}"
            );
        }
    }

    #[test]
    fn an_idle_timeout_is_repeated_on_another_connection() {
        let expected = AttemptOutcome::NotProcessed { reason: Reason::theirs("IdleTimeout"), after: None };
        assert_eq!(named(400, "IdleTimeout"), (expected, Remedy::NewConnection));
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
                (202, AttemptOutcome::AnswerLost { reason: reason(202), silent: false }),
                (302, AttemptOutcome::AppHeld { reason: reason(302) }),
                (401, AttemptOutcome::AppHeld { reason: reason(401) }),
                (407, AttemptOutcome::AppHeld { reason: reason(407) }),
                (408, AttemptOutcome::TryLater { reason: reason(408), after: None }),
            ] {
                assert_eq!(reading(status, garbage).outcome, expected, "{status} {garbage}");
            }
        }
    }

    proptest! {
        #[test]
        fn only_a_410_that_names_the_device_and_a_time_kills(
            status in prop_oneof![Just(410_u16), 100_u16..1000],
            name in prop_oneof![Just("Unregistered".to_owned()), Just("ExpiredToken".to_owned()), any::<String>()],
            timestamp in proptest::option::of(any::<i64>()),
        ) {
            let body = serde_json::json!({"reason": name, "timestamp": timestamp}).to_string();
            let is_dead = matches!(reading(status, &body).outcome, AttemptOutcome::TokenDead { .. });
            let names_the_device = name == "Unregistered" || name == "ExpiredToken";
            prop_assert_eq!(is_dead, status == 410 && names_the_device && timestamp.is_some());
        }

        #[test]
        fn no_answer_panics_and_only_410_kills(status in 100_u16..1000, body in any::<Vec<u8>>()) {
            let outcome = read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), &body, NOW).outcome;
            let is_dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
            prop_assert!(!is_dead || status == 410);
        }
    }
}
