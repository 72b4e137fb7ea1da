//! Where requests meet the limits of [`RateLimits`]: before anybody looks at who asks, and what is answered.
//!
//! Which route counts as what is said here; how much is too much is said in intake.

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::{Method, StatusCode};

use super::Api;
use crate::intake::{Asker, RateLimited, RateLimits};
use crate::model::{ClientNetwork, SenderId};
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

/// Refuses a request whose client asks or fails too often, before anything is looked up for it. What a sender asks is
/// limited by sender, wherever it comes from; who only looks like one is a stranger.
pub(super) async fn hold_limits<F: Future<Output = Response>>(
    api: &Api,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    within_limits(api, request, answer).await.into_response()
}

async fn within_limits<F: Future<Output = Response>>(
    api: &Api,
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Result<Response, Problem> {
    let client = request.extensions().get::<ClientNetwork>().cloned();
    let client = client.as_ref();
    let bearer = bearer_token(request.headers());
    api.rate_limits.before_authentication(client, bearer).map_err(rate_limited)?;
    let asker = api.authenticate.asker(bearer).await.map_err(rate_limited)?;
    if asker == Asker::Impostor {
        api.rate_limits.authentication_failed(client, bearer);
    }
    if !matches!(asker, Asker::Sender(_)) {
        api.rate_limits.request(client).map_err(rate_limited)?;
    }
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    count_attempt(&api.rate_limits, (request.method(), path), &asker, client).map_err(rate_limited)?;
    // The header's bytes are shared, not copied.
    let presented = bearer.and_then(|_| request.headers().get(AUTHORIZATION).cloned());
    request.extensions_mut().insert(asker.clone());
    let response = answer(request).await;
    if response.status() == StatusCode::UNAUTHORIZED && asker != Asker::Impostor {
        api.rate_limits.authentication_failed(client, presented.as_ref().and_then(bearer_in));
    }
    match asker {
        Asker::Sender(credential) => Ok(with_standing(api, credential.sender, response)),
        // How a network's limits stand is said to who reached one alone: a neighbour could watch how busy others are.
        Asker::Impostor | Asker::Other => Ok(response),
    }
}

/// The routes that make something for whoever asks have limits of their own.
fn count_attempt(
    limits: &RateLimits,
    (method, path): (&Method, &str),
    asker: &Asker,
    client: Option<&ClientNetwork>,
) -> Result<(), RateLimited> {
    let changes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method);
    let change = || match asker {
        Asker::Sender(credential) => limits.change_by(credential.sender),
        Asker::Impostor | Asker::Other => Ok(()),
    };
    match path {
        // Erasing itself a sender may always.
        "/v1/senders/self" if method == Method::DELETE => Ok(()),
        "/v1/senders/self"
        | "/v1/senders/self/credentials"
        | "/v1/senders/self/credentials/{id}"
        | "/v1/senders/self/sharing"
        | "/v1/senders/self/usage"
            if changes =>
        {
            change()
        }
        // It reads as much as many a change writes.
        "/v1/senders/self/sharing/preview" => change(),
        "/v1/registrations/{id}/subscriptions" => limits.subscription(client),
        "/v1/registrations" if method == Method::POST => limits.registration(client),
        "/v1/registrations/{id}/confirm" => limits.confirmation(client),
        "/v1/senders" if method == Method::POST => limits.admission(client),
        _ => Ok(()),
    }
}

/// The answer to a sender, with how its limits stand; a refusal says already how the one stands that is reached.
fn with_standing(api: &Api, sender: SenderId, mut response: Response) -> Response {
    if !response.headers().contains_key("ratelimit") {
        show_rate_limits(response.headers_mut(), &api.rate_limits.of_sender(sender));
    }
    response
}
