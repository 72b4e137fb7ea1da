//! `/admin/usage` and `/admin/senders/{id}/usage`: what senders share of their usage. Nothing here switches any of it on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::senders::{After, sender_id};
use crate::api::usage::{Question, UsageDocument};
use crate::operator::Operator;
use crate::web::{PathId, Problem, QueryOf};

/// What one sender shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderUsageDocument {
    /// The sender's id.
    pub sender: String,
    /// Its name.
    pub name: String,
    /// What it shares, of days that are over.
    pub usage: UsageDocument,
}

/// Some senders that share something.
#[derive(Debug, Serialize, Deserialize)]
pub struct UsageList {
    /// In the order of their ids.
    pub senders: Vec<SenderUsageDocument>,
    /// The `after` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `GET /admin/usage?after=…`
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    QueryOf(After { after }): QueryOf<After>,
) -> Result<Json<UsageList>, Problem> {
    let after = after.as_deref().map(sender_id).transpose()?;
    let page = operator.list_shared_usage(after).await?;
    let senders = page.senders.iter().map(|(id, name, records)| SenderUsageDocument {
        sender: id.to_string(),
        name: name.to_string(),
        usage: UsageDocument::from(records),
    });
    Ok(Json(UsageList { senders: senders.collect(), next: page.next.map(|id| id.to_string()) }))
}

/// `GET /admin/senders/{id}/usage?format=…`
pub(super) async fn show(
    State(operator): State<Arc<Operator>>,
    PathId(id): PathId,
    QueryOf(question): QueryOf<Question>,
) -> Result<Response, Problem> {
    let records = operator.shared_usage(sender_id(&id)?).await?;
    Ok(UsageDocument::from(&records).answer(question.format()))
}
