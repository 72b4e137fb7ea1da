//! `/v1/registrations`: an app's device token.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Api, fields};
use crate::base::UnixMillis;
use crate::intake::{NewRegistration, RegistrationCredential};
use crate::model::{Environment, Registration};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateRequest {
    app: String,
    push_service: String,
    environment: Option<String>,
    device_token: String,
    token_kind: Option<String>,
    registration: Option<String>,
    secret_hash: Option<String>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplaceRequest {
    environment: Option<String>,
    device_token: String,
    token_kind: Option<String>,
}

#[derive(Serialize)]
struct Created {
    registration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Document {
    registration: String,
    app: String,
    push_service: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'static str>,
    token_kind: &'static str,
    state: &'static str,
    registered_at: String,
    accepted_day: Option<String>,
}

impl From<&Registration> for Document {
    fn from(registration: &Registration) -> Self {
        Self {
            registration: registration.id.to_string(),
            app: registration.app.to_string(),
            push_service: registration.push_service.as_str(),
            environment: registration.environment.map(Environment::as_str),
            token_kind: registration.token_kind.as_str(),
            // A retired registration is erased: what is found is active.
            state: "active",
            registered_at: registration.registered_at.to_string(),
            accepted_day: registration.accepted_day.map(|day| day.to_string()),
        }
    }
}

/// `POST /v1/registrations`, by an app.
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = read_body(body, BODY, api.limits.request).await?;
    let request: CreateRequest = json_from(&headers, &bytes)?;
    let push_service = fields::push_service(&request.push_service)?;
    let new = NewRegistration {
        app: request
            .app
            .parse()
            .map_err(|error| Problem::invalid("unknown_app", "/app", format!("{error}.")))?,
        device_token: fields::device_token(push_service, &request.device_token)?,
        environment: fields::environment(request.environment.as_deref())?,
        token_kind: fields::token_kind(request.token_kind.as_deref())?,
        credential: credential(request.registration.as_deref(), request.secret_hash.as_deref())?,
        created_at: request.created_at.as_deref().map(created_at).transpose()?,
    };
    let registered = api.register.register(new).await?;
    let status = if registered.created { StatusCode::CREATED } else { StatusCode::OK };
    let created = Created { registration: registered.id.to_string(), credential: registered.credential };
    // It may hold a credential.
    Ok((status, [(CACHE_CONTROL, "no-store")], Json(created)).into_response())
}

/// `GET /v1/registrations/{id}`, by the app that holds it.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<Document>, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    Ok(Json(Document::from(&registration)))
}

/// `PUT /v1/registrations/{id}`, by the app that holds it: the push service gave it another token.
pub(super) async fn replace(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let bytes = read_body(body, BODY, api.limits.request).await?;
    let request: ReplaceRequest = json_from(&headers, &bytes)?;
    let device_token = fields::device_token(registration.push_service, &request.device_token)?;
    let environment = fields::environment(request.environment.as_deref())?;
    let token_kind = fields::token_kind(request.token_kind.as_deref())?;
    api.register.replace(&registration, &device_token, environment, token_kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/registrations/{id}`, by the app that holds it.
pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    api.register.remove(&registration).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn credential(
    registration: Option<&str>,
    secret_hash: Option<&str>,
) -> Result<RegistrationCredential, Problem> {
    match (registration, secret_hash) {
        (None, None) => Ok(RegistrationCredential::Drawn),
        (Some(id), Some(hash)) => Ok(RegistrationCredential::Held {
            id: fields::registration_id(id)?,
            secret_hash: fields::secret_hash(hash)?,
        }),
        (Some(_), None) | (None, Some(_)) => Err(Problem::invalid(
            "secret_hash_missing",
            "/secret_hash",
            "registration and secret_hash go together: give both, or neither and the relay draws them.",
        )),
    }
}

fn created_at(text: &str) -> Result<UnixMillis, Problem> {
    // One spelling, as in a sealed registration: whole seconds, ending in Z.
    let whole_seconds = text.len() == "2026-01-01T00:00:00Z".len() && text.ends_with('Z');
    let at = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| whole_seconds);
    at.map(|at| UnixMillis(at.unix_timestamp() * 1000)).ok_or_else(|| {
        let detail = "created_at is RFC 3339 in whole seconds, ending in Z: 2026-01-31T12:00:00Z.";
        Problem::invalid("invalid_time", "/created_at", detail)
    })
}
