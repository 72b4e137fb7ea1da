//! Problem documents (RFC 9457): how the relay says no.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::rate_limit_headers::{show_rate_limits, whole_seconds};
use crate::base::UnixMillis;
use crate::intake::Standing;

/// An error as the sender, the app or the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    pointer: Option<String>,
    retry_after: Option<u32>,
    /// What few problems have; in a box, because every refusal passes through results.
    more: Option<Box<More>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct More {
    relay_time: Option<String>,
    limit: Option<Standing>,
    cause: Option<String>,
}

/// What went wrong behind a problem, for the log: an extension of the response, which no client sees.
#[derive(Debug, Clone)]
pub(super) struct Cause(pub(super) String);

/// Why a request was refused (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument<'a> {
    /// `urn:sealpush:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'a str,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Stable, for programs: one of the list in docs/API.md.
    code: &'a str,
    /// For people: what to do.
    detail: &'a str,
    /// The member of the body that is at fault: a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pointer: Option<&'a str>,
    /// What the relay's clock says, where the request was refused by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    relay_time: Option<&'a str>,
    /// The limit that is reached, by its name in `RateLimit-Policy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<&'a str>,
}

impl Problem {
    /// A problem with a stable `code`, and a sentence that says what to do.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), pointer: None, retry_after: None, more: None }
    }

    /// Where in the request's body: a JSON pointer (RFC 6901), such as `/targets/3/badge`.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// When to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// What the relay's clock says, where the request was refused by it.
    #[must_use]
    pub fn relay_time(mut self, now: UnixMillis) -> Self {
        self.more().relay_time = Some(now.to_string());
        self
    }

    /// The limit that is reached, and when to come back.
    #[must_use]
    pub fn limited_by(mut self, limit: Standing) -> Self {
        self.more().limit = Some(limit);
        self.retry_after(whole_seconds(&limit).max(1))
    }

    /// What went wrong behind it: for the log, and for nobody who asks.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.more().cause = Some(cause.to_string());
        self
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// A value of the request that is well-formed JSON and not allowed: 422 with its place.
    #[must_use]
    pub fn invalid(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).at(pointer)
    }

    /// Nothing is served under this path.
    #[must_use]
    pub fn no_such_path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_path",
            "Nothing is served under this path; the relay shows its API at /docs.",
        )
    }

    /// The path does not take this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let detail = "This path does not take this method; the Allow header names those that it takes.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    /// The status that it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let More { relay_time, limit, cause } = self.more.map_or_else(More::default, |more| *more);
        let document = ProblemDocument {
            kind: format!("urn:sealpush:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            pointer: self.pointer.as_deref(),
            relay_time: relay_time.as_deref(),
            limit: limit.map(|standing| standing.limit.as_str()),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(limit) = limit {
            show_rate_limits(headers, &[limit]);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 6750, section 3: a 401 names the scheme.
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(cause) = cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_names_its_code_its_place_and_when_to_come_back() {
        let problem = Problem::invalid("ttl_out_of_range", "/ttl", "Too long.").retry_after(7);
        let response = problem.into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "7");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "ttl_out_of_range");
        assert_eq!(body["pointer"], "/ttl");
        assert_eq!(body["status"], 422);
        assert_eq!(body["type"], "urn:sealpush:problem:ttl_out_of_range");
    }
}
