//! `/v1/registrations`: an app's device token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use super::receipt::ReceiptDocument;
use super::registration_code::{ProofDocument, RegistrationState};
use super::{Api, fields};
use crate::base::UnixMillis;
use crate::intake::{NewRegistration, RegistrationCredential};
use crate::model::{ClientNetwork, Environment, PushService, Registration, TokenKind};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 16 * 1024;

/// A device token that an app registers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRegistration)]
struct CreateRequest {
    /// The app's id on this relay.
    app: String,
    /// Whose token it is.
    #[schema(value_type = PushService)]
    push_service: String,
    /// Required with `apns`, and not allowed with any other.
    #[schema(value_type = Option<Environment>)]
    environment: Option<String>,
    /// APNs: 2 to 512 hexadecimal digits, an even number. FCM: 1 to 1024 printable ASCII characters.
    #[schema(min_length = 1, max_length = 1024)]
    device_token: String,
    /// `standard` where it is left out. `voip`, a `PushKit` token, only with `apns`.
    #[schema(value_type = Option<TokenKind>)]
    token_kind: Option<String>,
    /// A v4 UUID that the app drew; together with `secret_hash`, or neither.
    #[schema(format = Uuid)]
    registration: Option<String>,
    /// SHA-256 of the 32 bytes that the app keeps, in base64url.
    #[schema(min_length = 43, max_length = 43)]
    secret_hash: Option<String>,
    /// Whole seconds, ending in `Z`; at most 24 hours old, at most 5 minutes ahead.
    #[schema(format = DateTime)]
    created_at: Option<String>,
}

/// The token that the push service gave the device in place of an older one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplacedRegistration)]
struct ReplaceRequest {
    /// Required with `apns`, and not allowed with any other.
    #[schema(value_type = Option<Environment>)]
    environment: Option<String>,
    /// As in a new registration.
    #[schema(min_length = 1, max_length = 1024)]
    device_token: String,
    /// As in a new registration.
    #[schema(value_type = Option<TokenKind>)]
    token_kind: Option<String>,
}

/// A registration that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = RegistrationMade)]
struct Created {
    /// Its id.
    #[schema(format = Uuid)]
    registration: String,
    /// Only where the relay drew it; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credential: Option<String>,
    /// Whether it can be reached, or its device must echo a code first.
    state: RegistrationState,
    /// Where it is pending and no code was sent now, because the token got one less than an hour ago: when it may
    /// have another. A code that came within the last 15 minutes still counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    code_again_at: Option<String>,
}

/// A registration, without its device token.
#[derive(Serialize, ToSchema)]
#[schema(as = Registration)]
pub(super) struct Document {
    /// Its id.
    #[schema(format = Uuid)]
    registration: String,
    /// The app's id on this relay.
    app: String,
    /// Whose token it is.
    #[schema(value_type = PushService)]
    push_service: &'static str,
    /// With `apns` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Environment, required = false, nullable = false)]
    environment: Option<&'static str>,
    /// What the token can carry.
    #[schema(value_type = TokenKind)]
    token_kind: &'static str,
    /// Whether it can be reached.
    state: RegistrationState,
    /// When the app last registered, replaced or confirmed the token.
    #[schema(format = DateTime)]
    registered_at: String,
    /// The day on which the push service last accepted a notification for it.
    #[schema(format = Date, required = true)]
    accepted_day: Option<String>,
}

impl Document {
    fn of(registration: &Registration, is_pending: bool) -> Self {
        Self {
            registration: registration.id.to_string(),
            app: registration.app.to_string(),
            push_service: registration.push_service.as_str(),
            environment: registration.environment.map(Environment::as_str),
            token_kind: registration.token_kind.as_str(),
            // A retired registration is erased: what is found is one of the two.
            state: if is_pending { RegistrationState::Pending } else { RegistrationState::Active },
            registered_at: registration.registered_at.to_string(),
            accepted_day: registration.accepted_day.map(|day| day.to_string()),
        }
    }
}

/// Registers a device token.
///
/// By an app, without a credential. The same request again answers 200 where the app drew the id.
#[utoipa::path(
    post, path = "/v1/registrations", tag = "registrations", operation_id = "register", request_body = CreateRequest,
    responses((status = 201, body = Created, description = "Registered"), (status = 200, body = Created, description = "It was registered before"))
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
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
    let ProofDocument { state, code_again_at } = registered.standing.into();
    let created = Created {
        registration: registered.id.to_string(),
        credential: registered.credential,
        state,
        code_again_at,
    };
    // It may hold a credential.
    Ok((status, [(CACHE_CONTROL, "no-store")], Json(created)).into_response())
}

/// Reads a registration.
///
/// By the app that holds it. A retired registration is erased, and its credential no longer valid.
#[utoipa::path(
    get, path = "/v1/registrations/{id}", tag = "registrations", operation_id = "read_registration", params(PathId),
    responses((status = 200, body = Document)), security(("registration" = []))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<Document>, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    Ok(Json(Document::of(&registration, api.prove.is_pending(&registration))))
}

/// Replaces a device token.
///
/// By the app that holds the registration: the push service gave the device another token. Subscriptions stay.
#[utoipa::path(
    put, path = "/v1/registrations/{id}", tag = "registrations", operation_id = "replace_registration", params(PathId),
    request_body = ReplaceRequest, responses((status = 204, description = "Replaced")), security(("registration" = []))
)]
pub(super) async fn replace(
    State(api): State<Arc<Api>>,
    client: Option<Extension<ClientNetwork>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: ReplaceRequest = json_from(&headers, &bytes)?;
    let device_token = fields::device_token(registration.push_service, &request.device_token)?;
    let environment = fields::environment(request.environment.as_deref())?;
    let token_kind = fields::token_kind(request.token_kind.as_deref())?;
    let client = client.as_ref().map(|Extension(client)| client);
    api.register.replace(client, &registration, &device_token, environment, token_kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a registration.
///
/// By the app that holds it. Its subscriptions end with it. The answer is the receipt.
#[utoipa::path(
    delete, path = "/v1/registrations/{id}", tag = "registrations", operation_id = "remove_registration", params(PathId),
    responses((status = 200, body = ReceiptDocument, description = "Removed")), security(("registration" = []))
)]
pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<ReceiptDocument>, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let (at, erased) = api.register.remove(&registration).await?;
    Ok(Json(ReceiptDocument::new("registration", registration.id, at, erased)))
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
