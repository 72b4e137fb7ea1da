//! The shape of a Google API error.
//!
//! Owns the JSON of `google.rpc.Status` as the HTTP APIs print it (FCM, "Error codes"). Read next: `failure`.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const QUOTA_FAILURE: &str = "type.googleapis.com/google.rpc.QuotaFailure";
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";
const APNS_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.ApnsError";

/// An answer with the error object. `status` is the `google.rpc` code, which need not resemble FCM's own
/// code.
pub(crate) fn response(code: StatusCode, status: &str, message: &str, details: &[Value]) -> Response<Bytes> {
    let mut error = json!({"code": code.as_u16(), "message": message, "status": status});
    if !details.is_empty() {
        error["details"] = Value::from(details);
    }
    json_response(code, &json!({ "error": error }))
}

/// An answer with any JSON body.
pub(crate) fn json_response(code: StatusCode, body: &Value) -> Response<Bytes> {
    Response::builder()
        .status(code)
        .header("content-type", "application/json; charset=UTF-8")
        .body(Bytes::from(body.to_string()))
        .expect("a constant header is valid")
}

/// An answer from the machines in front of the API, which speak HTML.
pub(crate) fn html(code: StatusCode, sentence: &str) -> Response<Bytes> {
    let title = format!("Error {} ({})", code.as_u16(), code.canonical_reason().unwrap_or("Error"));
    let page = format!("<!DOCTYPE html>\n<html lang=en>\n<title>{title}</title>\n<p>{sentence}\n");
    Response::builder()
        .status(code)
        .header("content-type", "text/html; charset=UTF-8")
        .body(Bytes::from(page))
        .expect("a constant header is valid")
}

/// The detail that names FCM's own error code.
pub(crate) fn fcm_error(error_code: &str) -> Value {
    json!({"@type": FCM_ERROR, "errorCode": error_code})
}

/// The detail that names a field.
pub(crate) fn bad_request(field: &str, description: &str) -> Value {
    json!({"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": description}]})
}

/// The detail that names a refusal of the API front end.
pub(crate) fn error_info(reason: &str) -> Value {
    json!({"@type": ERROR_INFO, "reason": reason, "domain": "googleapis.com",
        "metadata": {"service": "fcm.googleapis.com"}})
}

/// The detail that says whose quota is used up.
pub(crate) fn quota_failure(subject: &str, description: &str) -> Value {
    json!({"@type": QUOTA_FAILURE, "violations": [{"subject": subject, "description": description}]})
}

/// The detail that says how long to wait.
pub(crate) fn retry_info(seconds: u64) -> Value {
    json!({"@type": RETRY_INFO, "retryDelay": format!("{seconds}s")})
}

/// The detail that hands on what APNs said.
pub(crate) fn apns_error(status: u16, reason: &str) -> Value {
    json!({"@type": APNS_ERROR, "statusCode": status, "reason": reason})
}
