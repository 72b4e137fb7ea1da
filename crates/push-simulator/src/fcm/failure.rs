//! The ways in which FCM fails, with their exact bodies.
//!
//! Owns the table of FCM, "Error codes", and of the answers that come from Google's front end without FCM's
//! own code. Read next: `error_body`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::fcm::error_body::{bad_request, error_info, fcm_error, html, response};

/// One way of failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FcmFailure {
    /// 404, `UNREGISTERED`: the registration token is dead.
    Unregistered,
    /// 403, `SENDER_ID_MISMATCH`: the token belongs to another project.
    SenderIdMismatch,
    /// 400, `INVALID_ARGUMENT`, naming `message.token`.
    InvalidToken,
    /// 400, `INVALID_ARGUMENT`, naming another field: the request is wrong, not the token.
    InvalidArgument,
    /// 429, `QUOTA_EXCEEDED`.
    QuotaExceeded,
    /// 503, `UNAVAILABLE`.
    Unavailable,
    /// 500, `INTERNAL`.
    Internal,
    /// 401, `THIRD_PARTY_AUTH_ERROR`: the project's APNs key or web push credential is bad.
    ThirdPartyAuthError,
    /// 500, `UNSPECIFIED_ERROR`.
    UnspecifiedError,
    /// 401 without FCM's own code: the access token is not accepted.
    Unauthenticated,
    /// 403 without FCM's own code: the API is switched off, or the account lacks the permission.
    PermissionDenied,
    /// 404 without FCM's own code: no such project.
    ProjectNotFound,
    /// 502 in HTML.
    BadGateway,
}

const UNAUTHENTICATED: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
     cookie or other valid authentication credential. See \
     https://developers.google.com/identity/sign-in/web/devconsole-project.";

impl FcmFailure {
    /// The answer, with a `Retry-After` header where one is given.
    pub(crate) fn response(self, retry_after: Option<&str>) -> Response<Bytes> {
        let mut response = self.body();
        if let Some(value) = retry_after.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert("retry-after", value);
        }
        response
    }

    fn body(self) -> Response<Bytes> {
        let coded = |code: StatusCode, status: &str, message: &str, fcm: &str| {
            response(code, status, message, &[fcm_error(fcm)])
        };
        let invalid = |field: &str, message: &str| {
            let details = [fcm_error("INVALID_ARGUMENT"), bad_request(field, message)];
            response(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message, &details)
        };
        let not_found = "Requested entity was not found.";
        match self {
            Self::Unregistered => coded(StatusCode::NOT_FOUND, "NOT_FOUND", not_found, "UNREGISTERED"),
            Self::SenderIdMismatch => {
                coded(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH")
            }
            Self::InvalidToken => {
                invalid("message.token", "The registration token is not a valid FCM registration token")
            }
            Self::InvalidArgument => invalid("message.android", "Request contains an invalid argument."),
            Self::QuotaExceeded => Self::quota_exceeded(),
            Self::Unavailable => coded(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                "The service is currently unavailable.",
                "UNAVAILABLE",
            ),
            Self::Internal => {
                let message = "Internal error encountered.";
                coded(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message, "INTERNAL")
            }
            Self::ThirdPartyAuthError => coded(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "Request is missing required authentication credential.",
                "THIRD_PARTY_AUTH_ERROR",
            ),
            Self::UnspecifiedError => {
                let message = "Unknown error.";
                coded(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", message, "UNSPECIFIED_ERROR")
            }
            Self::Unauthenticated => {
                let details = [error_info("ACCESS_TOKEN_EXPIRED")];
                response(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", UNAUTHENTICATED, &details)
            }
            Self::PermissionDenied => {
                let message =
                    "Permission 'cloudmessaging.messages.create' denied on resource (or it may not exist).";
                let details = [error_info("IAM_PERMISSION_DENIED")];
                response(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message, &details)
            }
            Self::ProjectNotFound => response(StatusCode::NOT_FOUND, "NOT_FOUND", not_found, &[]),
            Self::BadGateway => html(
                StatusCode::BAD_GATEWAY,
                "The server encountered a temporary error and could not complete your request.",
            ),
        }
    }

    fn quota_exceeded() -> Response<Bytes> {
        let quota = json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
            {"subject": "project", "description": "Quota exceeded for quota metric 'Send requests'."}]});
        let message = "Resource has been exhausted (e.g. check quota).";
        let details = [fcm_error("QUOTA_EXCEEDED"), quota];
        response(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message, &details)
    }
}
