//! `/v1/registrations/{id}/code` and `…/confirm`: the proof of a token's owner.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Api, fields};
use crate::base::UnixMillis;
use crate::intake::Standing;
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 1024;

/// What a device echoes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Echo)]
struct ConfirmRequest {
    /// The code that came in the message's member `confirm`, as it came.
    #[schema(min_length = 22, max_length = 22)]
    code: String,
}

/// Whether a registration can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RegistrationState {
    /// It can.
    Active,
    /// Not before its device echoed a code.
    Pending,
}

/// Where a registration's proof stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Proof)]
pub(super) struct ProofDocument {
    /// `pending` until the device echoed the code, else `active`.
    pub(super) state: RegistrationState,
    /// Where it is pending and no code was sent now, because the token got one less than an hour ago: when it may
    /// have another (RFC 3339). A code that came within the last 15 minutes still counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub(super) code_again_at: Option<String>,
}

impl From<Standing> for ProofDocument {
    fn from(standing: Standing) -> Self {
        let (state, code_again_at) = match standing {
            Standing::Active => (RegistrationState::Active, None),
            Standing::CodeSent => (RegistrationState::Pending, None),
            Standing::CodeLater(at) | Standing::Busy(at) => {
                (RegistrationState::Pending, Some(at.to_string()))
            }
        };
        Self { state, code_again_at }
    }
}

/// Sends the device a new code.
///
/// By the app that holds the registration; one code per device token and hour.
#[utoipa::path(
    post, path = "/v1/registrations/{id}/code", tag = "registrations", operation_id = "send_code", params(PathId),
    responses((status = 202, body = ProofDocument, description = "A code is on its way"), (status = 200, body = ProofDocument, description = "No proof is needed")),
    security(("registration" = []))
)]
pub(super) async fn send(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let standing = api.prove.send_code(&registration).await?;
    let status = match standing {
        Standing::Active => StatusCode::OK,
        Standing::CodeSent => StatusCode::ACCEPTED,
        Standing::CodeLater(at) => return Err(too_soon(at, api.clock.now())),
        Standing::Busy(at) => return Err(busy(at, api.clock.now())),
    };
    Ok((status, Json(ProofDocument::from(standing))).into_response())
}

/// Proves the device token.
///
/// By the app that holds the registration: the code that came to the device, within 15 minutes and 5 tries.
#[utoipa::path(
    post, path = "/v1/registrations/{id}/confirm", tag = "registrations", operation_id = "confirm", params(PathId),
    request_body = ConfirmRequest, responses((status = 204, description = "Confirmed")), security(("registration" = []))
)]
pub(super) async fn echo(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: ConfirmRequest = json_from(&headers, &bytes)?;
    api.prove.echo(&registration, &fields::code(&request.code)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn busy(again_at: UnixMillis, now: UnixMillis) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "Too many codes of this app wait for its push service, so none was sent; ask again after Retry-After.",
    )
    .retry_after(seconds_until(again_at, now))
}

fn too_soon(again_at: UnixMillis, now: UnixMillis) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "code_too_soon",
        "This device token got a code less than an hour ago: echo that one, or ask again after Retry-After.",
    )
    .retry_after(seconds_until(again_at, now))
}

fn seconds_until(again_at: UnixMillis, now: UnixMillis) -> u32 {
    let seconds = again_at.since(now).as_millis().div_ceil(1000);
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}
