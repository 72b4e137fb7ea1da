//! Where requests meet the limits of [`RateLimits`]: before anybody looks at who asks, and what is answered.
//!
//! Which route counts as what is said here; how much is too much is said in intake.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{Method, StatusCode};

use super::Api;
use crate::intake::{RateLimited, RateLimits};
use crate::model::{ClientNetwork, SenderId, TokenKindPrefix};
use crate::web::{Problem, bearer_in, bearer_token, show_rate_limits};

/// Too much of something: when to come back, and which limit it was.
pub(super) fn rate_limited(RateLimited(standing): RateLimited) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limited",
        format!(
            "The limit {} ({}) is reached; nothing was done. Wait as long as Retry-After says, then send the \
             same request again.",
            standing.limit.as_str(),
            standing.quota
        ),
    )
    .limited_by(standing)
}

/// Refuses a request whose client asks or fails too often, before anything is looked up for it. A sender's
/// requests are limited by sender, wherever they come from, once it proved who it is.
pub(super) async fn hold_limits(
    State(api): State<Arc<Api>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let client = request.extensions().get::<ClientNetwork>().cloned();
    let client = client.as_ref();
    let bearer = bearer_token(request.headers());
    if !bearer.is_some_and(|bearer| bearer.starts_with(TokenKindPrefix::Sender.as_str())) {
        api.rate_limits.request(client).map_err(rate_limited)?;
    }
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    count_attempt(&api.rate_limits, request.method(), path, client).map_err(rate_limited)?;
    api.rate_limits.before_authentication(client, bearer).map_err(rate_limited)?;
    // The header's bytes are shared, not copied.
    let presented = bearer.and_then(|_| request.headers().get(AUTHORIZATION).cloned());
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        api.rate_limits.authentication_failed(client, presented.as_ref().and_then(bearer_in));
    }
    Ok(response)
}

/// The routes that make something for whoever asks have limits of their own.
fn count_attempt(
    limits: &RateLimits,
    method: &Method,
    path: &str,
    client: Option<&ClientNetwork>,
) -> Result<(), RateLimited> {
    match path {
        "/v1/registrations" if method == Method::POST => limits.registration(client),
        "/v1/registrations/{id}/confirm" => limits.confirmation(client),
        "/v1/senders" if method == Method::POST => limits.admission(client),
        _ => Ok(()),
    }
}

/// The answer to a sender, with how its limits stand.
pub(super) fn with_standing(api: &Api, sender: SenderId, mut response: Response) -> Response {
    show_rate_limits(response.headers_mut(), &api.rate_limits.of_sender(sender));
    response
}
