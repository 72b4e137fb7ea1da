//! What FCM answers, and what it means. Pure.
//!
//! Sources: Firebase, "FCM Error Codes" and "REST Resource: projects.messages" (`ErrorCode`); Google Cloud,
//! "Errors" (the shape of the body). What follows from each is the relay's own rule: a device token dies only
//! by a word about the device, and a word about us never costs a device its token.

use http::{HeaderMap, StatusCode};

use super::error_body::ErrorBody;
use crate::base::UnixMillis;
use crate::model::Reason;
use crate::push_services::answers::{
    ANY, ANY_CODE, AnswerRow, Details, Meaning, Reading, Remedy, find, row, rows,
};
use crate::push_services::retry_after;

/// "If no Retry-After header is set, the default is 60 seconds" ("Scale your FCM", quotas).
const QUOTA: u64 = 60;
/// "Set a minimum interval of 10 seconds" before repeating after 500 and 503 ("Scale your FCM").
const FAULT: u64 = 10;

/// Every answer, by FCM's own code (`errorCode` of `FcmError`) or its lack. The first row that fits counts.
pub(in crate::push_services) const ANSWERS: &[AnswerRow] = &[
    row(200, ANY, Meaning::Accepted),
    // The one word by which a token dies.
    row(404, "UNREGISTERED", Meaning::TokenDead),
    // The token belongs to another Firebase project.
    row(403, "SENDER_ID_MISMATCH", Meaning::TokenNotForApp).at_any_status(),
    row(400, "INVALID_ARGUMENT", Meaning::TokenOrRequest).at_any_status(),
    // The APNs key or web push key that the Firebase project holds: no access token mends it.
    row(401, "THIRD_PARTY_AUTH_ERROR", Meaning::AppHeld).at_any_status(),
    row(429, "QUOTA_EXCEEDED", Meaning::Quota).waits(QUOTA).at_any_status(),
    row(503, "UNAVAILABLE", Meaning::Fault).waits(FAULT).at_any_status(),
    row(500, "INTERNAL", Meaning::Fault).waits(FAULT).at_any_status(),
    // UNSPECIFIED_ERROR, a code that Google has added since, or none: judged by the status.
    row(400, ANY, Meaning::TokenOrRequest),
    // The access token is no good, perhaps only this one.
    row(401, ANY, Meaning::CredentialHeld).after(Remedy::NewToken),
    // The API is off, or the service account may not send.
    row(403, ANY, Meaning::CredentialHeld),
    row(404, ANY_CODE, Meaning::Rejected),
    // Without FCM's own word: another project or address than ours.
    row(404, ANY, Meaning::CredentialHeld),
    // A proxy that wants to know who we are.
    row(407, ANY, Meaning::CredentialHeld),
    row(408, ANY, Meaning::Fault).waits(FAULT),
    row(429, ANY, Meaning::Quota).waits(QUOTA),
    rows(402, 499, ANY, Meaning::Rejected),
    rows(500, 599, ANY, Meaning::Fault).waits(FAULT),
    // Google documents no other success: it may have been taken.
    rows(201, 299, ANY, Meaning::Unclear),
    // A redirect is never followed: whoever sends one is not FCM.
    rows(100, 999, ANY, Meaning::CredentialHeld),
];

/// Reads an answer that came at `now`. A body that is not what Google documents counts as missing: behind a
/// gateway it may be HTML.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], now: UnixMillis) -> Reading {
    let status = status.as_u16();
    if status == 200 {
        return find(ANSWERS, status, ANY).read(Reason::ours("accepted"), Details::default());
    }
    let error = ErrorBody::read(body);
    let reason = match error.name() {
        Some(name) => Reason::theirs(name),
        None => Reason::theirs(&format!("http_{status}")),
    };
    let details = Details {
        wait: retry_after::parse(headers, now).or(error.retry_delay),
        about_token: error.names_the_token,
        about_project: error.names_the_project,
        since: None,
    };
    find(ANSWERS, status, error.error_code.as_deref().unwrap_or_default()).read(reason, details)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderValue, header};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::AttemptOutcome;
    use crate::push_services::answers::Signal;

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

    fn not_for_app(reason: Reason) -> AttemptOutcome {
        AttemptOutcome::TokenNotForApp { reason, try_other_environment: false }
    }

    #[test]
    fn two_hundred_is_accepted() {
        let answer = r#"{"name":"projects/chat-example/messages/0:1"}"#;
        assert_eq!(reading(200, answer).outcome, AttemptOutcome::Accepted);
    }

    #[test]
    fn a_token_dies_only_by_fcms_own_word() {
        let dead = AttemptOutcome::TokenDead { reason: named("UNREGISTERED"), since: None };
        assert_eq!(coded(404, "UNREGISTERED").outcome, dead);
        let held = AttemptOutcome::AppHeld { reason: named("NOT_FOUND") };
        assert_eq!(general(404, "NOT_FOUND").outcome, held);
        let held = AttemptOutcome::AppHeld { reason: named("http_404") };
        assert_eq!(reading(404, "<html>404</html>").outcome, held);
        for outcome in [coded(503, "UNREGISTERED").outcome, coded(404, "SOMETHING_NEW").outcome] {
            assert!(!matches!(outcome, AttemptOutcome::TokenDead { .. }), "{outcome:?}");
        }
    }

    #[test]
    fn another_projects_token_is_not_dead() {
        for status in [400, 403, 404] {
            let outcome = coded(status, "SENDER_ID_MISMATCH").outcome;
            assert_eq!(outcome, not_for_app(named("SENDER_ID_MISMATCH")));
        }
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
        assert_eq!(reading(400, &bad_request("message.token")).outcome, not_for_app(reason.clone()));
        let rejected = AttemptOutcome::Rejected { reason };
        assert_eq!(reading(400, &bad_request("message.data")).outcome, rejected);
        assert_eq!(coded(400, "INVALID_ARGUMENT").outcome, rejected);
    }

    #[test]
    fn a_bad_access_token_is_refreshed_and_a_bad_apns_key_is_not() {
        let unauthenticated = general(401, "UNAUTHENTICATED");
        assert_eq!(unauthenticated.remedy, Remedy::NewToken);
        assert_eq!(unauthenticated.outcome, AttemptOutcome::AppHeld { reason: named("UNAUTHENTICATED") });
        let third_party = AttemptOutcome::AppHeld { reason: named("THIRD_PARTY_AUTH_ERROR") };
        let reading = coded(401, "THIRD_PARTY_AUTH_ERROR");
        assert_eq!((reading.outcome, reading.remedy), (third_party, Remedy::None));
    }

    #[test]
    fn what_is_about_us_holds_the_app() {
        let held = |name| AttemptOutcome::AppHeld { reason: named(name) };
        assert_eq!(general(403, "PERMISSION_DENIED").outcome, held("PERMISSION_DENIED"));
        assert_eq!(reading(302, "").outcome, held("http_302"));
        assert_eq!(reading(407, "").outcome, held("http_407"));
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
            assert_eq!(reading.outcome, AttemptOutcome::TryLater { reason: named(name), after });
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
            let expected = AttemptOutcome::Rejected { reason: named(name) };
            assert_eq!(reading(status, "[1]").outcome, expected);
        }
        assert!(matches!(coded(400, "UNSPECIFIED_ERROR").outcome, AttemptOutcome::Rejected { .. }));
        assert!(matches!(coded(409, "SOMETHING_NEW").outcome, AttemptOutcome::Rejected { .. }));
    }

    #[test]
    fn a_projects_quota_gives_all_rest_and_a_devices_only_this_delivery() {
        let over = |subject: &str| {
            let details = json!([
                {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "QUOTA_EXCEEDED"},
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"subject": subject}]}]);
            reading(429, &json!({"error": {"code": 429, "details": details}}).to_string()).signal
        };
        let rest = Signal::Rest(named("QUOTA_EXCEEDED"), Duration::from_mins(1));
        assert_eq!(over("project:chat-example"), rest);
        assert_eq!(over("device:x"), Signal::Answered);
        assert_eq!(coded(429, "QUOTA_EXCEEDED").signal, Signal::Answered);
    }

    #[test]
    fn each_answer_tells_the_breaker_what_it_is_about() {
        for (reading, signal) in [
            (reading(200, ""), Signal::Accepted),
            (coded(404, "UNREGISTERED"), Signal::Answered),
            (coded(403, "SENDER_ID_MISMATCH"), Signal::Answered),
            (coded(401, "THIRD_PARTY_AUTH_ERROR"), Signal::AppRefused(named("THIRD_PARTY_AUTH_ERROR"))),
            (general(401, "UNAUTHENTICATED"), Signal::CredentialRefused(named("UNAUTHENTICATED"))),
            (general(404, "NOT_FOUND"), Signal::CredentialRefused(named("NOT_FOUND"))),
            (coded(503, "UNAVAILABLE"), Signal::Fault(named("UNAVAILABLE"))),
            (reading(502, "<html>"), Signal::Fault(named("http_502"))),
            (reading(202, ""), Signal::Nothing),
        ] {
            assert_eq!(reading.signal, signal);
        }
    }

    #[test]
    fn every_row_can_be_reached() {
        for row in ANSWERS {
            let name = match row.reason() {
                "any other, or none" => "",
                "any other" => "SOMETHING_NEW",
                name => name,
            };
            let found = find(ANSWERS, row.status()[..3].parse().unwrap(), name);
            assert!(found.meaning == row.meaning, "{row:?} is hidden by {found:?}");
        }
    }

    proptest! {
        #[test]
        fn only_unregistered_at_404_kills(
            status in 100_u16..1000,
            code in prop_oneof![Just("UNREGISTERED".to_owned()), Just("QUOTA_EXCEEDED".to_owned()), any::<String>()],
        ) {
            let is_dead = matches!(coded(status, &code).outcome, AttemptOutcome::TokenDead { .. });
            prop_assert_eq!(is_dead, status == 404 && code == "UNREGISTERED");
        }

        #[test]
        fn no_answer_panics_and_no_garbage_kills(status in 100_u16..1000, body in any::<Vec<u8>>()) {
            let status = StatusCode::from_u16(status).unwrap();
            let outcome = read(status, &HeaderMap::new(), &body, NOW).outcome;
            let is_dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
            prop_assert!(!is_dead);
        }
    }
}
