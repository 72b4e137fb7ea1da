//! `/admin/senders`: makes, lists, suspends, resumes and erases senders, and gives one a new credential.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, StatusCode};
use serde::{Deserialize, Serialize};

use super::REQUEST;
use super::gate::By;
use crate::api::ReceiptDocument;
use crate::model::{ContentPolicy, Sender, SenderId, SenderState};
use crate::operator::Operator;
use crate::web::{PathId, Problem, QueryOf, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// What makes a sender.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSenderRequest {
    /// Its name, 1 to 80 bytes.
    pub name: String,
    /// Its content policy; `sealed_only` where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_policy: Option<ContentPolicy>,
}

/// A sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderDocument {
    /// Its id, which it gives to its app's devices.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it may use the relay.
    pub state: SenderState,
    /// Its own content policy.
    pub content_policy: ContentPolicy,
    /// The day on which it was made, `YYYY-MM-DD`.
    pub created_day: String,
}

/// A sender that was just made.
#[derive(Serialize, Deserialize)]
pub struct NewSenderDocument {
    /// The sender.
    #[serde(flatten)]
    pub sender: SenderDocument,
    /// Its first credential. It is shown once.
    pub credential: String,
}

/// A sender's credential that was just made.
#[derive(Serialize, Deserialize)]
pub struct NewCredentialDocument {
    /// Its id.
    pub id: String,
    /// The credential. It is shown once.
    pub credential: String,
}

/// Some senders.
#[derive(Debug, Serialize, Deserialize)]
pub struct SenderList {
    /// In the order of their ids.
    pub senders: Vec<SenderDocument>,
    /// The `after` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    /// The id of the last one before it.
    pub(super) after: Option<String>,
}

impl From<&Sender> for SenderDocument {
    fn from(sender: &Sender) -> Self {
        Self {
            id: sender.id.to_string(),
            name: sender.name.to_string(),
            state: sender.state,
            content_policy: sender.content_policy,
            created_day: sender.created_day.to_string(),
        }
    }
}

/// `POST /admin/senders`
pub(super) async fn add(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<NewSenderDocument>), Problem> {
    let bytes = read_body(body, BODY, REQUEST).await?;
    let request: NewSenderRequest = json_from(&headers, &bytes)?;
    let name = request
        .name
        .parse()
        .map_err(|error| Problem::invalid("invalid_name", "/name", format!("{error}.")))?;
    let policy = request.content_policy.unwrap_or(ContentPolicy::SealedOnly);
    let added = operator.add_sender(by, name, policy).await?;
    let document = NewSenderDocument {
        sender: SenderDocument::from(&added.sender),
        credential: added.credential_text(),
    };
    // It holds a credential.
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(document)))
}

/// `GET /admin/senders?after=…`
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    QueryOf(After { after }): QueryOf<After>,
) -> Result<Json<SenderList>, Problem> {
    let after = after.as_deref().map(sender_id).transpose()?;
    let page = operator.list_senders(after).await?;
    let senders = page.senders.iter().map(SenderDocument::from).collect();
    Ok(Json(SenderList { senders, next: page.next.map(|id| id.to_string()) }))
}

/// `POST /admin/senders/{id}/suspend`
pub(super) async fn suspend(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    operator.suspend_sender(by, sender_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /admin/senders/{id}/resume`
pub(super) async fn resume(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    operator.resume_sender(by, sender_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /admin/senders/{id}`
pub(super) async fn erase(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<Json<ReceiptDocument>, Problem> {
    let id = sender_id(&id)?;
    let (at, erased) = operator.erase_sender(by, id).await?;
    Ok(Json(ReceiptDocument::new("sender", id, at, erased)))
}

/// `POST /admin/senders/{id}/credentials`
pub(super) async fn add_credential(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<NewCredentialDocument>), Problem> {
    let added = operator.add_sender_credential(by, sender_id(&id)?).await?;
    let document = NewCredentialDocument { id: added.id.to_string(), credential: added.text };
    // It holds a credential.
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(document)))
}

/// The id of a sender, in a path or a query.
pub(super) fn sender_id(text: &str) -> Result<SenderId, Problem> {
    text.parse().map_err(|error| {
        let detail = format!("`{text}` is not the id of a sender: {error}.");
        Problem::new(StatusCode::BAD_REQUEST, "invalid_sender_id", detail)
    })
}
