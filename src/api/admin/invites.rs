//! `/admin/invites`: makes, lists and revokes invites.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, StatusCode};
use serde::{Deserialize, Serialize};

use super::gate::By;
use super::{REQUEST, lifetime};
use crate::model::{Invite, InviteId, Lifetime};
use crate::operator::{NewInviteCode, Operator};
use crate::web::{PathId, Problem, QueryOf, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// What makes invites.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInvitesRequest {
    /// How many, 1 to 100; one where it is left out.
    #[serde(default = "one")]
    pub count: u32,
    /// For how many seconds each can be used; a week where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
}

fn one() -> u32 {
    1
}

/// An invite that was just made.
#[derive(Serialize, Deserialize)]
pub struct NewInviteDocument {
    /// Its id, by which it is revoked.
    pub id: String,
    /// Its code, by which one server joins. It is shown once.
    pub code: String,
    /// Until when it can be used, RFC 3339.
    pub expires_at: String,
}

/// Invites that were just made.
#[derive(Serialize, Deserialize)]
pub struct NewInviteList {
    /// As many as were asked for.
    pub invites: Vec<NewInviteDocument>,
}

/// An invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteDocument {
    /// Its id.
    pub id: String,
    /// Until when it can be used, RFC 3339.
    pub expires_at: String,
    /// Whether it was used. It is listed for an hour then.
    pub used: bool,
}

/// Some invites.
#[derive(Debug, Serialize, Deserialize)]
pub struct InviteList {
    /// In the order of their ids.
    pub invites: Vec<InviteDocument>,
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

impl From<NewInviteCode> for NewInviteDocument {
    fn from(NewInviteCode { id, code, expires_at }: NewInviteCode) -> Self {
        Self { id: id.to_string(), code, expires_at: expires_at.to_string() }
    }
}

impl From<&Invite> for InviteDocument {
    fn from(Invite { id, expires_at, used }: &Invite) -> Self {
        Self { id: id.to_string(), expires_at: expires_at.to_string(), used: *used }
    }
}

/// `POST /admin/invites`
pub(super) async fn add(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<NewInviteList>), Problem> {
    let bytes = read_body(body, BODY, REQUEST).await?;
    let request: NewInvitesRequest = json_from(&headers, &bytes)?;
    let lifetime = lifetime(request.expires_in)?.unwrap_or(Lifetime::WEEK);
    let invites = operator.add_invites(by, request.count, lifetime).await?;
    let list = NewInviteList { invites: invites.into_iter().map(Into::into).collect() };
    // It holds codes.
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(list)))
}

/// `GET /admin/invites?after=…`
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    QueryOf(After { after }): QueryOf<After>,
) -> Result<Json<InviteList>, Problem> {
    let after = after.as_deref().map(invite_id).transpose()?;
    let page = operator.list_invites(after).await?;
    let invites = page.invites.iter().map(InviteDocument::from).collect();
    Ok(Json(InviteList { invites, next: page.next.map(|id| id.to_string()) }))
}

/// `DELETE /admin/invites/{id}`
pub(super) async fn revoke(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    operator.revoke_invite(by, invite_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn invite_id(text: &str) -> Result<InviteId, Problem> {
    text.parse().map_err(|error| {
        let detail = format!("`{text}` is not the id of an invite: {error}.");
        Problem::new(StatusCode::BAD_REQUEST, "invalid_invite_id", detail)
    })
}
