//! `/admin/audit`: reads, checks and continues the audit log.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use sealpush_seal::registration::KeyId;
use serde::{Deserialize, Serialize};

use super::REQUEST;
use super::gate::By;
use crate::operator::{AuditLine, AuditVerdict, Operator};
use crate::web::{Problem, QueryOf, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// A change outside the store that belongs into the audit log. There are no free entries: the log says what
/// happened, in words that are ours.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "action", deny_unknown_fields)]
pub enum AuditNote {
    /// An app was added to the config.
    #[serde(rename = "app.add")]
    AppAdded {
        /// The app's id.
        app: String,
    },
    /// A key was added to the ring of registration keys.
    #[serde(rename = "registration_key.rotate")]
    RegistrationKeyAdded {
        /// The key's id: 16 hexadecimal digits.
        key: String,
        /// Whether apps stop sealing to the keys before at once.
        previous_ended: bool,
    },
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntryDocument {
    /// 1, 2, 3, … without gaps.
    pub sequence: i64,
    /// When, RFC 3339.
    pub at: String,
    /// Who: `operator`, `operator:` with the id of its token, or `sender`.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: String,
    /// To whom.
    pub subject: String,
    /// What changed.
    pub detail: String,
}

/// Some entries.
#[derive(Debug, Serialize, Deserialize)]
pub struct AuditList {
    /// The oldest first.
    pub entries: Vec<AuditEntryDocument>,
    /// The `after` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// Whether the audit log is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerdictDocument {
    /// Every entry fits the one before it.
    pub intact: bool,
    /// The first entry that does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_broken: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

impl From<AuditLine> for AuditEntryDocument {
    fn from(line: AuditLine) -> Self {
        let AuditLine { sequence, at, actor, action, subject, detail } = line;
        Self { sequence, at: at.to_string(), actor, action, subject, detail }
    }
}

/// `GET /admin/audit?after=…`
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    QueryOf(After { after }): QueryOf<After>,
) -> Result<Json<AuditList>, Problem> {
    let page = operator.audit_page(after).await?;
    Ok(Json(AuditList { entries: page.entries.into_iter().map(Into::into).collect(), next: page.next }))
}

/// `GET /admin/audit/verify`
pub(super) async fn verify(
    State(operator): State<Arc<Operator>>,
) -> Result<Json<AuditVerdictDocument>, Problem> {
    Ok(Json(match operator.verify_audit().await? {
        AuditVerdict::Intact => AuditVerdictDocument { intact: true, first_broken: None },
        AuditVerdict::Broken(at) => AuditVerdictDocument { intact: false, first_broken: Some(at) },
    }))
}

/// `POST /admin/audit`
pub(super) async fn note(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let bytes = read_body(body, BODY, REQUEST).await?;
    match json_from(&headers, &bytes)? {
        AuditNote::AppAdded { app } => {
            let app =
                app.parse().map_err(|error| Problem::invalid("invalid_app", "/app", format!("{error}.")))?;
            operator.note_app_added(by, &app).await?;
        }
        AuditNote::RegistrationKeyAdded { key, previous_ended } => {
            let id = hex::decode(&key).ok().and_then(|id| id.try_into().ok()).map(KeyId);
            let id = id.ok_or_else(|| {
                Problem::invalid("invalid_key", "/key", "A key's id is 16 hexadecimal digits.")
            })?;
            operator.note_registration_key_added(by, id, previous_ended).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
