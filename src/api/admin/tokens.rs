//! `/admin/tokens`: makes, lists and revokes the operator's own tokens.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, StatusCode};
use serde::{Deserialize, Serialize};

use super::gate::By;
use super::{REQUEST, lifetime};
use crate::model::{OperatorRole, OperatorToken, OperatorTokenId};
use crate::operator::Operator;
use crate::web::{PathId, Problem, QueryOf, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// What makes a token.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTokenRequest {
    /// `viewer` or `owner`.
    pub role: OperatorRole,
    /// For how many seconds it counts; until it is revoked where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
}

/// An operator's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenDocument {
    /// Its id; the audit log names it.
    pub id: String,
    /// What it allows.
    pub role: OperatorRole,
    /// When it stops counting, RFC 3339; null where it does not.
    pub expires_at: Option<String>,
    /// The day on which it was last used, `YYYY-MM-DD`; null where it never was.
    pub last_used_day: Option<String>,
}

/// A token that was just made.
#[derive(Serialize, Deserialize)]
pub struct NewTokenDocument {
    /// What is listed of it.
    #[serde(flatten)]
    pub document: TokenDocument,
    /// The token. It is shown once.
    pub token: String,
}

/// Some tokens.
#[derive(Debug, Serialize, Deserialize)]
pub struct TokenList {
    /// In the order of their ids.
    pub tokens: Vec<TokenDocument>,
    /// The `after` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    after: Option<String>,
}

impl From<&OperatorToken> for TokenDocument {
    fn from(token: &OperatorToken) -> Self {
        Self {
            id: token.id.to_string(),
            role: token.role,
            expires_at: token.expires_at.map(|at| at.to_string()),
            last_used_day: token.last_used_day.map(|day| day.to_string()),
        }
    }
}

/// `POST /admin/tokens`
pub(super) async fn add(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<NewTokenDocument>), Problem> {
    let bytes = read_body(body, BODY, REQUEST).await?;
    let request: NewTokenRequest = json_from(&headers, &bytes)?;
    let added = operator.add_token(by, request.role, lifetime(request.expires_in)?).await?;
    let document = NewTokenDocument { document: TokenDocument::from(&added.token), token: added.text };
    // It holds a token.
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(document)))
}

/// `GET /admin/tokens?after=…`
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    QueryOf(After { after }): QueryOf<After>,
) -> Result<Json<TokenList>, Problem> {
    let after = after.as_deref().map(token_id).transpose()?;
    let page = operator.list_tokens(after).await?;
    let tokens = page.tokens.iter().map(TokenDocument::from).collect();
    Ok(Json(TokenList { tokens, next: page.next.map(|id| id.to_string()) }))
}

/// `DELETE /admin/tokens/{id}`
pub(super) async fn revoke(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    operator.revoke_token(by, token_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn token_id(text: &str) -> Result<OperatorTokenId, Problem> {
    text.parse().map_err(|error| {
        let detail = format!("`{text}` is not the id of an operator token: {error}.");
        Problem::new(StatusCode::BAD_REQUEST, "invalid_token_id", detail)
    })
}
