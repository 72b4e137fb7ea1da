//! The body of an error answer of a Google API, read with suspicion. Pure.
//!
//! Source: Google Cloud, "Errors" (`google.rpc.Status` with typed details); Firebase, `FcmError`.

use std::time::Duration;

use serde_json::Value;

const FCM_ERROR: &str = "google.firebase.fcm.v1.FcmError";
const BAD_REQUEST: &str = "google.rpc.BadRequest";
const RETRY_INFO: &str = "google.rpc.RetryInfo";
const QUOTA_FAILURE: &str = "google.rpc.QuotaFailure";
const ERROR_INFO: &str = "google.rpc.ErrorInfo";

/// What an error body says. Every member may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    /// FCM's own code, the one to judge by.
    pub(super) error_code: Option<String>,
    /// The general code.
    status: Option<String>,
    /// Whether the registration token is what is wrong.
    pub(super) names_the_token: bool,
    /// Whether the project's quota is used up, and not only a device's.
    pub(super) names_the_project: bool,
    /// How long to wait.
    pub(super) retry_delay: Option<Duration>,
}

impl ErrorBody {
    /// Reads what can be read of `body`.
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let error = &json["error"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut read = Self { status: text(&error["status"]), ..Self::default() };
        // Google sends this sentence also where no field violation is listed.
        let message = error["message"].as_str().unwrap_or_default();
        read.names_the_token = message.contains("registration token is not a valid FCM registration token");
        for detail in error["details"].as_array().into_iter().flatten() {
            let kind = detail["@type"].as_str().unwrap_or_default();
            match kind.rsplit('/').next() {
                Some(FCM_ERROR) => read.error_code = text(&detail["errorCode"]),
                Some(BAD_REQUEST) => read.names_the_token |= violates_token(detail),
                Some(QUOTA_FAILURE) => read.names_the_project |= is_the_projects(detail),
                Some(ERROR_INFO) => read.names_the_project |= is_counted_by_project(detail),
                Some(RETRY_INFO) => read.retry_delay = duration(&detail["retryDelay"]),
                _ => {}
            }
        }
        read
    }

    /// The most telling name in it.
    pub(super) fn name(&self) -> Option<&str> {
        self.error_code.as_deref().or(self.status.as_deref()).filter(|name| !name.is_empty())
    }
}

fn violates_token(detail: &Value) -> bool {
    let violations = detail["fieldViolations"].as_array();
    violations.into_iter().flatten().any(|violation| violation["field"] == "message.token")
}

/// Google Cloud, `QuotaFailure`: the subject of a violation is "project:…" where the project is meant. What it
/// says of a device is documented nowhere, so everything else counts as one device's.
fn is_the_projects(detail: &Value) -> bool {
    let violations = detail["violations"].as_array();
    let subjects = violations.into_iter().flatten().filter_map(|violation| violation["subject"].as_str());
    subjects.into_iter().any(|subject| subject.starts_with("project"))
}

/// The machines in front of the API count sends per minute and project; their `ErrorInfo` names the unit,
/// `1/min/{project}`.
fn is_counted_by_project(detail: &Value) -> bool {
    let unit = detail["metadata"]["quota_unit"].as_str().unwrap_or_default();
    detail["reason"] == "RATE_LIMIT_EXCEEDED" && unit.contains("{project}")
}

/// A duration in protobuf's JSON: seconds, perhaps with a fraction, and `s`. The fraction is rounded up.
fn duration(value: &Value) -> Option<Duration> {
    let (whole, has_fraction) = match value.as_str()?.strip_suffix('s')?.split_once('.') {
        Some((whole, _)) => (whole, 1),
        None => (value.as_str()?.strip_suffix('s')?, 0),
    };
    let seconds = whole.parse::<u64>().ok()?.saturating_add(has_fraction);
    Some(Duration::from_secs(seconds.min(86_400)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fcms_own_code_goes_before_the_general_one() {
        let body = br#"{"error":{"status":"NOT_FOUND","details":[
            {"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}"#;
        assert_eq!(ErrorBody::read(body).name(), Some("UNREGISTERED"));
        assert_eq!(ErrorBody::read(br#"{"error":{"status":"NOT_FOUND"}}"#).name(), Some("NOT_FOUND"));
    }

    #[test]
    fn the_sentence_about_the_token_counts_like_a_violation() {
        let body = br#"{"error":{"message":"The registration token is not a valid FCM registration token"}}"#;
        assert!(ErrorBody::read(body).names_the_token);
        assert!(
            !ErrorBody::read(br#"{"error":{"message":"Invalid value at 'message.data'"}}"#).names_the_token
        );
    }

    #[test]
    fn a_projects_quota_is_told_from_a_devices() {
        let read = |detail: Value| {
            let body = serde_json::json!({"error": {"code": 429, "details": [detail]}});
            ErrorBody::read(body.to_string().as_bytes()).names_the_project
        };
        let quota = |subject: &str| {
            read(serde_json::json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{"subject": subject, "description": "d"}]}))
        };
        let counted = |unit: &str| {
            read(serde_json::json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_unit": unit}}))
        };
        assert!(quota("project:chat") && quota("projects/7") && counted("1/min/{project}"));
        assert!(!quota("device:x") && !quota("") && !counted("1/min/{device}") && !read(Value::Null));
    }

    #[test]
    fn a_retry_delay_is_read_in_whole_seconds() {
        let read = |text: &str| duration(&Value::from(text)).map(|delay| delay.as_secs());
        assert_eq!(read("30s"), Some(30));
        assert_eq!(read("1.500s"), Some(2));
        assert_eq!(read("999999999s"), Some(86_400));
        for bad in ["30", "s", "-1s", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_has_another_shape_says_nothing() {
        for body in ["", "<html>", "[]", "7", r#"{"error":"text"}"#, r#"{"error":{"details":{"a":1}}}"#] {
            assert_eq!(ErrorBody::read(body.as_bytes()), ErrorBody::default(), "{body}");
        }
    }
}
