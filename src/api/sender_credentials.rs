//! `/v1/senders/self/credentials`: a sender rotates its credentials.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Api, fields};
use crate::intake::{Asker, WantedCredential};
use crate::model::{Scope, SenderCredential};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// A credential that a sender asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCredential)]
struct AddRequest {
    /// What it shall allow; at least one.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// For how many seconds it shall count, 60 to 315360000; until it is removed where it is left out.
    #[schema(minimum = 60, maximum = 315_360_000_u64)]
    expires_in: Option<u64>,
    /// With `secret_hash`, or neither: a v4 UUID that the sender drew. The credential is then `sp_s_` with this id and
    /// the secret that it kept, and the request can be repeated.
    #[schema(format = Uuid)]
    id: Option<String>,
    /// SHA-256 of the credential's 32 secret bytes, base64url.
    #[schema(min_length = 43, max_length = 43)]
    secret_hash: Option<String>,
}

/// A credential, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Credential)]
pub(super) struct CredentialDocument {
    /// Its id: the first 16 bytes of what follows `sp_s_`.
    #[schema(format = Uuid)]
    id: String,
    /// What it allows.
    scopes: Vec<Scope>,
    /// When it stops counting; null where it does not.
    #[schema(format = DateTime, required = true)]
    expires_at: Option<String>,
    /// The day on which it was last used; null where it never was.
    #[schema(format = Date, required = true)]
    last_used_day: Option<String>,
}

/// A sender's credentials.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
pub(super) struct List {
    /// In the order of their ids; 20 at most.
    credentials: Vec<CredentialDocument>,
}

/// A credential that was just added.
#[derive(Serialize, ToSchema)]
#[schema(as = CredentialAdded)]
struct Added {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it allows.
    scopes: Vec<Scope>,
    /// When it stops counting; null where it does not.
    #[schema(format = DateTime, required = true)]
    expires_at: Option<String>,
    /// The credential, only where the relay drew it; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credential: Option<String>,
}

impl From<&SenderCredential> for CredentialDocument {
    fn from(credential: &SenderCredential) -> Self {
        Self {
            id: credential.id.to_string(),
            scopes: credential.scopes.list(),
            expires_at: credential.expires_at.map(|at| at.to_string()),
            last_used_day: credential.last_used_day.map(|day| day.to_string()),
        }
    }
}

/// Lists the sender's credentials.
///
/// By itself, with the scope `admin`. Secrets are not there: the relay has only their hashes.
#[utoipa::path(
    get, path = "/v1/senders/self/credentials", tag = "senders", operation_id = "list_credentials",
    responses((status = 200, body = List)), security(("sender" = ["admin"]))
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Json<List>, Problem> {
    let by = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Admin).await?;
    let all = api.sender_credentials.list(by.id).await?;
    Ok(Json(List { credentials: all.iter().map(CredentialDocument::from).collect() }))
}

/// Adds a credential.
///
/// By the sender itself, with the scope `admin`. Those that are there go on counting, so that machines change over one
/// by one.
#[utoipa::path(
    post, path = "/v1/senders/self/credentials", tag = "senders", operation_id = "add_credential",
    request_body = AddRequest,
    responses((status = 201, body = Added, description = "Added"), (status = 200, body = Added, description = "It was added before")),
    security(("sender" = ["admin"]))
)]
pub(super) async fn add(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let by = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Admin).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: AddRequest = json_from(&headers, &bytes)?;
    let wanted = WantedCredential {
        scopes: fields::scopes(&request.scopes)?,
        lifetime: request.expires_in.map(fields::lifetime).transpose()?,
        secret: fields::new_secret("/id", request.id.as_deref(), request.secret_hash.as_deref())?,
    };
    let added = api.sender_credentials.add(&by, wanted).await?;
    let status = if added.created { StatusCode::CREATED } else { StatusCode::OK };
    let CredentialDocument { id, scopes, expires_at, .. } = CredentialDocument::from(&added.credential);
    let document = Added { id, scopes, expires_at, credential: added.text };
    // It may hold a credential.
    Ok((status, [(CACHE_CONTROL, "no-store")], Json(document)).into_response())
}

/// Removes a credential: it stops at once.
///
/// By the sender itself, with the scope `admin`. The last one with this scope stays.
#[utoipa::path(
    delete, path = "/v1/senders/self/credentials/{id}", tag = "senders", operation_id = "remove_credential",
    params(PathId), responses((status = 204, description = "Removed")), security(("sender" = ["admin"]))
)]
pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let by = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Admin).await?;
    api.sender_credentials.remove(&by, fields::path_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
