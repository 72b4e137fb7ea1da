//! The ways in which Google's token endpoint fails, with their bodies.
//!
//! Owns the table of scripted failures (RFC 6749 section 5.2, Google's guide "Using OAuth 2.0 for server to
//! server applications"). What the simulator refuses in its own judgement is `oauth`'s.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::fcm::error_body::{html, json_response};

/// One way of failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OauthFailure {
    /// 400, `invalid_grant`: the clock of the client is wrong, says the endpoint.
    ClockSkew,
    /// 400, `invalid_grant`: the account or its key was deleted.
    AccountDeleted,
    /// 400, `invalid_grant`: the signature does not hold.
    BadSignature,
    /// 401, `invalid_client`.
    InvalidClient,
    /// 401, `unauthorized_client`.
    UnauthorizedClient,
    /// 403, `access_denied`.
    AccessDenied,
    /// 429, `rate_limit_exceeded`.
    RateLimited,
    /// 500, `internal_failure`.
    Internal,
    /// 503, `backend_error`.
    Unavailable,
    /// 502 in HTML.
    BadGateway,
}

impl OauthFailure {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ClockSkew,
        Self::AccountDeleted,
        Self::BadSignature,
        Self::InvalidClient,
        Self::UnauthorizedClient,
        Self::AccessDenied,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
        Self::BadGateway,
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
        let (status, error, description) = match self {
            Self::ClockSkew => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your \
                 iat and exp values in the JWT claim.",
            ),
            Self::AccountDeleted => {
                (StatusCode::BAD_REQUEST, "invalid_grant", "Invalid grant: account not found")
            }
            Self::BadSignature => (StatusCode::BAD_REQUEST, "invalid_grant", "Invalid JWT Signature."),
            Self::InvalidClient => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "The OAuth client was not found.")
            }
            Self::UnauthorizedClient => (
                StatusCode::UNAUTHORIZED,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any \
                 of the scopes requested.",
            ),
            Self::AccessDenied => {
                (StatusCode::FORBIDDEN, "access_denied", "Requested client not authorized.")
            }
            Self::RateLimited => {
                (StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "Rate Limit Exceeded")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_failure", "Internal error."),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "backend_error", "Backend Error"),
            Self::BadGateway => {
                let sentence =
                    "The server encountered a temporary error and could not complete your request.";
                return html(StatusCode::BAD_GATEWAY, sentence);
            }
        };
        json_response(status, &json!({"error": error, "error_description": description}))
    }
}
