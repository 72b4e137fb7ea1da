//! The answers of APNs.
//!
//! Owns their shape ("Handling notification responses from APNs"). Read next: `reason`.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use crate::apns::reason::Reason;
use crate::environment::Environment;

/// An accepted push: 200 without a body.
pub(crate) fn accepted(apns_id: &str, environment: Environment) -> Response<Bytes> {
    build(StatusCode::OK, apns_id, environment, Bytes::new())
}

/// A refusal in the simulator's own judgement.
pub(crate) fn refused(reason: Reason, apns_id: &str, environment: Environment) -> Response<Bytes> {
    scripted(reason.status(), &reason.text(), reason.timestamp(), apns_id, environment)
}

/// A refusal of any status and reason. `timestamp`: unix milliseconds, which only a 410 has.
pub(crate) fn scripted(
    status: StatusCode,
    reason: &str,
    timestamp: Option<u64>,
    apns_id: &str,
    environment: Environment,
) -> Response<Bytes> {
    let body = match timestamp {
        Some(at) => json!({"reason": reason, "timestamp": at}),
        None => json!({"reason": reason}),
    };
    build(status, apns_id, environment, Bytes::from(body.to_string()))
}

fn build(status: StatusCode, apns_id: &str, environment: Environment, body: Bytes) -> Response<Bytes> {
    let mut response = Response::builder().status(status).header("apns-id", apns_id);
    // "Handling notification responses from APNs": the development host alone sends it.
    if environment == Environment::Sandbox {
        response = response.header("apns-unique-id", crate::random::uuid());
    }
    if !body.is_empty() {
        response = response.header("content-type", "application/json");
    }
    response.body(body).expect("an id is a valid header value")
}
