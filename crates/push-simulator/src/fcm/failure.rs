//! The ways in which FCM fails, with their exact bodies.
//!
//! Owns the table of FCM, "Error codes", and of the answers that come from Google's front end without FCM's
//! own code. Read next: `error_body`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fcm::error_body::{
    apns_error, bad_request, error_info, fcm_error, html, quota_failure, response, retry_info,
};
use crate::fcm::violation::Violation;

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
    /// 400, `INVALID_ARGUMENT` without `fieldViolations`: that the token is meant stands in the message alone.
    InvalidTokenText,
    /// 400 without any details: the payload is over the limit.
    TooBig,
    /// 429, `QUOTA_EXCEEDED`: the project sends too fast.
    QuotaExceeded,
    /// 429, `QUOTA_EXCEEDED`: too much for this one device.
    DeviceQuotaExceeded,
    /// 429, `QUOTA_EXCEEDED`: too much for this topic.
    TopicQuotaExceeded,
    /// 503, `UNAVAILABLE`.
    Unavailable,
    /// 503, `UNAVAILABLE`, with half a minute of waiting in a `RetryInfo` detail.
    UnavailableRetryInfo,
    /// 500, `INTERNAL`.
    Internal,
    /// 401, `THIRD_PARTY_AUTH_ERROR`: the project's APNs key or web push credential is bad.
    ThirdPartyAuthError,
    /// 401, `THIRD_PARTY_AUTH_ERROR`, with what APNs said: `BadEnvironmentKeyInToken`.
    ThirdPartyApnsError,
    /// 500, `UNSPECIFIED_ERROR`.
    UnspecifiedError,
    /// 401 without FCM's own code: the access token is not accepted.
    Unauthenticated,
    /// 403 without FCM's own code: the account lacks the permission.
    PermissionDenied,
    /// 403 without FCM's own code: the API is switched off in the project.
    ServiceDisabled,
    /// 404 without FCM's own code: no such project.
    ProjectNotFound,
    /// 404 in HTML: no such URL.
    UrlNotFound,
    /// 502 in HTML.
    BadGateway,
    /// 504 in HTML.
    GatewayTimeout,
}

const UNAUTHENTICATED: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
     cookie or other valid authentication credential. See \
     https://developers.google.com/identity/sign-in/web/devconsole-project.";

const TEMPORARY: &str = "The server encountered a temporary error and could not complete your request.";

impl FcmFailure {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Unregistered,
        Self::SenderIdMismatch,
        Self::InvalidToken,
        Self::InvalidArgument,
        Self::InvalidTokenText,
        Self::TooBig,
        Self::QuotaExceeded,
        Self::DeviceQuotaExceeded,
        Self::TopicQuotaExceeded,
        Self::Unavailable,
        Self::UnavailableRetryInfo,
        Self::Internal,
        Self::ThirdPartyAuthError,
        Self::ThirdPartyApnsError,
        Self::UnspecifiedError,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::ServiceDisabled,
        Self::ProjectNotFound,
        Self::UrlNotFound,
        Self::BadGateway,
        Self::GatewayTimeout,
    ];

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
            Self::InvalidTokenText => {
                let message = "The registration token is not a valid FCM registration token";
                let details = [fcm_error("INVALID_ARGUMENT")];
                response(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message, &details)
            }
            Self::TooBig => Violation::TooBig.response(),
            Self::InvalidArgument => invalid("message.android", "Request contains an invalid argument."),
            Self::QuotaExceeded => {
                quota_exceeded("project", "Quota exceeded for quota metric 'Send requests'.")
            }
            Self::DeviceQuotaExceeded => {
                quota_exceeded("device", "Quota exceeded for messages to this registration token.")
            }
            Self::TopicQuotaExceeded => quota_exceeded("topic", "Quota exceeded for messages to this topic."),
            Self::Unavailable => unavailable(&[]),
            Self::UnavailableRetryInfo => unavailable(&[retry_info(30)]),
            Self::Internal => {
                let message = "Internal error encountered.";
                coded(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message, "INTERNAL")
            }
            Self::ThirdPartyAuthError => third_party(&[]),
            Self::ThirdPartyApnsError => third_party(&[apns_error(403, "BadEnvironmentKeyInToken")]),
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
            Self::ServiceDisabled => {
                let message = "Firebase Cloud Messaging API has not been used in this project before or it is disabled.";
                let details = [error_info("SERVICE_DISABLED")];
                response(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message, &details)
            }
            Self::ProjectNotFound => response(StatusCode::NOT_FOUND, "NOT_FOUND", not_found, &[]),
            Self::UrlNotFound => {
                html(StatusCode::NOT_FOUND, "The requested URL was not found on this server.")
            }
            Self::BadGateway => html(StatusCode::BAD_GATEWAY, TEMPORARY),
            Self::GatewayTimeout => html(StatusCode::GATEWAY_TIMEOUT, TEMPORARY),
        }
    }
}

/// `subject`: whose quota it is. The pages show no example of a device's, so its subject is the simulator's own.
fn quota_exceeded(subject: &str, description: &str) -> Response<Bytes> {
    let message = "Resource has been exhausted (e.g. check quota).";
    let details = [fcm_error("QUOTA_EXCEEDED"), quota_failure(subject, description)];
    response(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message, &details)
}

fn unavailable(more: &[Value]) -> Response<Bytes> {
    let details = [&[fcm_error("UNAVAILABLE")], more].concat();
    let message = "The service is currently unavailable.";
    response(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message, &details)
}

fn third_party(more: &[Value]) -> Response<Bytes> {
    let details = [&[fcm_error("THIRD_PARTY_AUTH_ERROR")], more].concat();
    let message = "Request is missing required authentication credential.";
    response(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message, &details)
}
