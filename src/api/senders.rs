//! `/v1/senders`: a server joins; a sender reads, changes and erases itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::receipt::ReceiptDocument;
use super::sender_credentials::CredentialDocument;
use super::{Api, fields};
use crate::intake::{Asker, NewSender};
use crate::model::{ContentPolicy, Scope, Sender, SenderChange, SenderCredential, SenderState};
use crate::web::{Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// A server that asks to become a sender.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSender)]
struct JoinRequest {
    /// A name for the operator and the sender's administrator, 1 to 80 bytes: the server's own is best.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// The invite's code, `sp_i_…`, where the relay asks for one.
    invite: Option<String>,
    /// How strictly readable content is refused; `sealed_only` where it is left out. None looser than the operator's.
    content_policy: Option<ContentPolicy>,
    /// With `secret_hash`, or neither: a v4 UUID that the server drew. Its credential is then `sp_s_` with this id and
    /// the secret that it kept, and the request can be repeated for as long as the credential exists.
    #[schema(format = Uuid)]
    credential_id: Option<String>,
    /// SHA-256 of the credential's 32 secret bytes, base64url.
    #[schema(min_length = 43, max_length = 43)]
    secret_hash: Option<String>,
}

/// A sender that just joined.
#[derive(Serialize, ToSchema)]
#[schema(as = SenderJoined)]
struct Joined {
    /// The sender's id, which it gives to its app's devices.
    #[schema(format = Uuid)]
    id: String,
    /// The id of its first credential, which has every scope and does not expire.
    #[schema(format = Uuid)]
    credential_id: String,
    /// Its first credential, only where the relay drew it; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credential: Option<String>,
}

/// What a sender is to the relay.
#[derive(Serialize, ToSchema)]
#[schema(as = Sender)]
pub(super) struct Document {
    /// Its id, which it gives to its app's devices.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    name: String,
    /// Whether it may use the relay.
    state: SenderState,
    /// Its own content policy; the strictest of operator's, app's and sender's holds.
    content_policy: ContentPolicy,
    /// The day on which it was made.
    #[schema(format = Date)]
    created_day: String,
    /// The credential by which it asks. Only where it was read, not where it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credential: Option<CredentialDocument>,
}

/// What is to be changed of a sender; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SenderChange)]
struct ChangeRequest {
    /// Its name, 1 to 80 bytes.
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// Its content policy. None looser than the operator's.
    content_policy: Option<ContentPolicy>,
}

impl Document {
    fn new(sender: &Sender, credential: Option<&SenderCredential>) -> Self {
        Self {
            id: sender.id.to_string(),
            name: sender.name.to_string(),
            state: sender.state,
            content_policy: sender.content_policy,
            created_day: sender.created_day.to_string(),
            credential: credential.map(CredentialDocument::from),
        }
    }
}

/// Makes a sender.
///
/// By a server with an invite, or by any where the relay is open: `GET /v1/relay` says which in `admission`. A request
/// that is repeated makes no second sender. Where the relay drew the credential, a repeated request with the same
/// invite draws a new one in its place, for an hour and only as long as nobody has used it.
#[utoipa::path(
    post, path = "/v1/senders", tag = "senders", operation_id = "join", request_body = JoinRequest,
    responses((status = 201, body = Joined, description = "Made"), (status = 200, body = Joined, description = "It was made before"))
)]
pub(super) async fn join(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: JoinRequest = json_from(&headers, &bytes)?;
    let new = NewSender {
        name: fields::sender_name(&request.name)?,
        content_policy: request.content_policy,
        secret: fields::new_secret(
            "/credential_id",
            request.credential_id.as_deref(),
            request.secret_hash.as_deref(),
        )?,
        invite: request.invite,
    };
    let joined = api.join.join(new).await?;
    let status = if joined.created { StatusCode::CREATED } else { StatusCode::OK };
    let document = Joined {
        id: joined.sender.id.to_string(),
        credential_id: joined.credential_id.to_string(),
        credential: joined.credential,
    };
    // It may hold a credential.
    Ok((status, [(CACHE_CONTROL, "no-store")], Json(document)).into_response())
}

/// Reads the sender.
///
/// By itself, with a credential of any scope, also while it is suspended.
#[utoipa::path(
    get, path = "/v1/senders/self", tag = "senders", operation_id = "read_sender",
    responses((status = 200, body = Document)), security(("sender" = []))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Json<Document>, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), None).await?;
    let (sender, credential) = api.own_sender.show(&by).await?;
    Ok(Json(Document::new(&sender, Some(&credential))))
}

/// Changes the sender's name or content policy.
///
/// By itself, with the scope `admin`. A policy holds from the next notification on.
#[utoipa::path(
    patch, path = "/v1/senders/self", tag = "senders", operation_id = "change_sender", request_body = ChangeRequest,
    responses((status = 200, body = Document)), security(("sender" = ["admin"]))
)]
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Document>, Problem> {
    let by = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Admin).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: ChangeRequest = json_from(&headers, &bytes)?;
    let change = SenderChange {
        name: request.name.as_deref().map(fields::sender_name).transpose()?,
        content_policy: request.content_policy,
    };
    let sender = api.own_sender.change(&by, &change).await?;
    Ok(Json(Document::new(&sender, None)))
}

/// Erases the sender with everything of it.
///
/// By itself, with the scope `admin`, also while it is suspended: credentials, subscriptions, notifications, outcomes
/// and all that waits, at once and for ever. The answer is the receipt. Its credentials are then not valid any more, so
/// that a repeated request is refused with 401.
#[utoipa::path(
    delete, path = "/v1/senders/self", tag = "senders", operation_id = "erase_sender",
    responses((status = 200, body = ReceiptDocument, description = "Erased")), security(("sender" = ["admin"]))
)]
pub(super) async fn erase(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Json<ReceiptDocument>, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    let (at, erased) = api.own_sender.erase(&by).await?;
    Ok(Json(ReceiptDocument::new("sender", by.id, at, erased)))
}
