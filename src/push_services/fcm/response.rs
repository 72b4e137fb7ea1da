//! What FCM answers, and what it means. Pure.
//!
//! Sources: Firebase, "FCM Error Codes" and "REST Resource: projects.messages" (`ErrorCode`); Google Cloud,
//! "Errors" (the shape of the body). What follows from each is the relay's own rule: a device token dies only
//! by a word about the device, and a word about us never costs a device its token.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::error_body::ErrorBody;
use crate::base::UnixMillis;
use crate::model::{AttemptOutcome, Reason};
use crate::push_services::retry_after;

/// "If no Retry-After header is set, the default is 60 seconds" ("Scale your FCM", quotas).
const QUOTA_WAIT: Duration = Duration::from_mins(1);
/// "Set a minimum interval of 10 seconds" before repeating after 500 and 503 ("Scale your FCM").
const FAULT_WAIT: Duration = Duration::from_secs(10);

/// An answer of FCM, understood.
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
    /// A new access token.
    RefreshToken,
}

/// Reads an answer that came at `now`. A body that is not what Google documents counts as missing: behind a
/// gateway it may be HTML.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], now: UnixMillis) -> Reading {
    if status == StatusCode::OK {
        return settled(AttemptOutcome::Accepted);
    }
    let error = ErrorBody::read(body);
    let wait = retry_after::parse(headers, now).or(error.retry_delay);
    let reason = match error.name() {
        Some(name) => Reason::theirs(name),
        None => Reason::theirs(&format!("http_{}", status.as_u16())),
    };
    match error.error_code.as_deref() {
        // The one word by which a token dies.
        Some("UNREGISTERED") => settled(AttemptOutcome::TokenDead { reason, since: None }),
        // The token belongs to another Firebase project.
        Some("SENDER_ID_MISMATCH") => settled(not_for_app(reason)),
        Some("INVALID_ARGUMENT") => settled(invalid(reason, &error)),
        // The APNs key or web push key that the Firebase project holds: no access token mends it.
        Some("THIRD_PARTY_AUTH_ERROR") => settled(AttemptOutcome::AppHeld { reason }),
        Some("QUOTA_EXCEEDED") => settled(later(reason, wait, QUOTA_WAIT)),
        Some("UNAVAILABLE" | "INTERNAL") => settled(later(reason, wait, FAULT_WAIT)),
        // UNSPECIFIED_ERROR, one that Google has added since, or none: judged by the status.
        _ => by_status(status, reason, &error, wait),
    }
}

fn by_status(status: StatusCode, reason: Reason, error: &ErrorBody, wait: Option<Duration>) -> Reading {
    match status.as_u16() {
        400 => settled(invalid(reason, error)),
        // The access token is no good, perhaps only this one.
        401 => Reading { outcome: AttemptOutcome::AppHeld { reason }, remedy: Remedy::RefreshToken },
        // 403: the API is off, or the service account may not send. 404 without FCM's own word: another
        // project or address than ours. Neither says anything about a token.
        403 | 404 => settled(AttemptOutcome::AppHeld { reason }),
        429 => settled(later(reason, wait, QUOTA_WAIT)),
        408 | 500..=599 => settled(later(reason, wait, FAULT_WAIT)),
        402..=499 => settled(AttemptOutcome::Rejected { reason }),
        // Google documents no other success: it may have been taken.
        201..=299 => settled(AttemptOutcome::AnswerLost { reason }),
        // A redirect is never followed: whoever sends one is not FCM.
        _ => settled(AttemptOutcome::AppHeld { reason }),
    }
}

/// Either the token is malformed, or the request is.
fn invalid(reason: Reason, error: &ErrorBody) -> AttemptOutcome {
    if error.names_the_token { not_for_app(reason) } else { AttemptOutcome::Rejected { reason } }
}

fn not_for_app(reason: Reason) -> AttemptOutcome {
    AttemptOutcome::TokenNotForApp { reason, try_other_environment: false }
}

fn later(reason: Reason, wait: Option<Duration>, usual: Duration) -> AttemptOutcome {
    AttemptOutcome::TryLater { reason, after: Some(wait.unwrap_or(usual)) }
}

fn settled(outcome: AttemptOutcome) -> Reading {
    Reading { outcome, remedy: Remedy::None }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

    fn reading(status: u16, body: &str) -> Reading {
        read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), NOW)
    }

    /// An answer with FCM's own error code, as the reference shows it.
    fn coded(status: u16, code: &str) -> Reading {
        let fcm = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
        let details = json!([{"@type": fcm, "errorCode": code}]);
        let body = json!({"error": {"code": status, "status": "SOME_STATUS", "details": details}});
        reading(status, &body.to_string())
    }

    /// An answer with the general status alone.
    fn general(status: u16, name: &str) -> Reading {
        let body = json!({"error": {"code": status, "message": "text", "status": name}});
        reading(status, &body.to_string())
    }

    fn named(name: &str) -> Reason {
        Reason::theirs(name)
    }

    #[test]
    fn two_hundred_is_accepted() {
        let answer = r#"{"name":"projects/chat-example/messages/0:1"}"#;
        assert_eq!(reading(200, answer).outcome, AttemptOutcome::Accepted);
    }

    #[test]
    fn a_token_dies_only_by_fcms_own_word() {
        let dead = AttemptOutcome::TokenDead { reason: named("UNREGISTERED"), since: None };
        assert_eq!(coded(404, "UNREGISTERED"), settled(dead));
        let held = AttemptOutcome::AppHeld { reason: named("NOT_FOUND") };
        assert_eq!(general(404, "NOT_FOUND"), settled(held));
        let held = AttemptOutcome::AppHeld { reason: named("http_404") };
        assert_eq!(reading(404, "<html>404</html>"), settled(held));
    }

    #[test]
    fn another_projects_token_is_not_dead() {
        let outcome = not_for_app(named("SENDER_ID_MISMATCH"));
        assert_eq!(coded(403, "SENDER_ID_MISMATCH"), settled(outcome));
    }

    #[test]
    fn an_invalid_argument_is_about_the_token_only_where_it_names_it() {
        let bad_request = |field: &str| {
            json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "Request contains errors",
                "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest",
                             "fieldViolations": [{"field": field, "description": "d"}]}]}})
            .to_string()
        };
        let reason = named("INVALID_ARGUMENT");
        assert_eq!(reading(400, &bad_request("message.token")), settled(not_for_app(reason.clone())));
        let rejected = settled(AttemptOutcome::Rejected { reason });
        assert_eq!(reading(400, &bad_request("message.data")), rejected);
        assert_eq!(coded(400, "INVALID_ARGUMENT"), rejected);
    }

    #[test]
    fn a_bad_access_token_is_refreshed_and_a_bad_apns_key_is_not() {
        let unauthenticated = general(401, "UNAUTHENTICATED");
        assert_eq!(unauthenticated.remedy, Remedy::RefreshToken);
        assert_eq!(unauthenticated.outcome, AttemptOutcome::AppHeld { reason: named("UNAUTHENTICATED") });
        let third_party = AttemptOutcome::AppHeld { reason: named("THIRD_PARTY_AUTH_ERROR") };
        assert_eq!(coded(401, "THIRD_PARTY_AUTH_ERROR"), settled(third_party));
    }

    #[test]
    fn what_is_about_us_holds_the_app() {
        let held = |name| settled(AttemptOutcome::AppHeld { reason: named(name) });
        assert_eq!(general(403, "PERMISSION_DENIED"), held("PERMISSION_DENIED"));
        assert_eq!(reading(302, ""), held("http_302"));
    }

    #[test]
    fn what_passes_is_tried_after_the_vendors_own_wait() {
        for (reading, name, seconds) in [
            (coded(429, "QUOTA_EXCEEDED"), "QUOTA_EXCEEDED", 60),
            (coded(503, "UNAVAILABLE"), "UNAVAILABLE", 10),
            (coded(500, "INTERNAL"), "INTERNAL", 10),
            (coded(503, "UNSPECIFIED_ERROR"), "UNSPECIFIED_ERROR", 10),
            (general(429, "RESOURCE_EXHAUSTED"), "RESOURCE_EXHAUSTED", 60),
            (reading(502, "<html>502</html>"), "http_502", 10),
            (reading(504, ""), "http_504", 10),
            (reading(408, ""), "http_408", 10),
        ] {
            let after = Some(Duration::from_secs(seconds));
            assert_eq!(reading, settled(AttemptOutcome::TryLater { reason: named(name), after }));
        }
    }

    #[test]
    fn the_wait_that_is_asked_for_is_kept() {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("17"))]);
        let outcome = read(StatusCode::SERVICE_UNAVAILABLE, &headers, b"", NOW).outcome;
        let after = Some(Duration::from_secs(17));
        assert_eq!(outcome, AttemptOutcome::TryLater { reason: named("http_503"), after });
    }

    #[test]
    fn a_client_error_of_unknown_kind_rejects_this_one() {
        for (status, name) in [(413, "http_413"), (418, "http_418"), (400, "http_400")] {
            let expected = settled(AttemptOutcome::Rejected { reason: named(name) });
            assert_eq!(reading(status, "[1]"), expected);
        }
        assert!(matches!(coded(400, "UNSPECIFIED_ERROR").outcome, AttemptOutcome::Rejected { .. }));
        assert!(matches!(coded(409, "SOMETHING_NEW").outcome, AttemptOutcome::Rejected { .. }));
    }

    proptest! {
        #[test]
        fn no_answer_panics_and_no_garbage_kills(status in 100_u16..1000, body in any::<Vec<u8>>()) {
            let status = StatusCode::from_u16(status).unwrap();
            let outcome = read(status, &HeaderMap::new(), &body, NOW).outcome;
            let is_dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
            prop_assert!(!is_dead);
        }
    }
}
