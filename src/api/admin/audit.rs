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
use crate::base::UnixMillis;
use crate::model::{AuditExtent, AuditMark, AuditRecord, AuditVerdict};
use crate::operator::Operator;
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
#[serde(deny_unknown_fields)]
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
    /// SHA-256 over the previous entry's hash and this entry, in hexadecimal digits.
    pub hash: String,
}

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditMarkDocument {
    /// The entry's number.
    pub sequence: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
}

/// Some entries.
#[derive(Debug, Serialize, Deserialize)]
pub struct AuditList {
    /// The last entry that was cut, where its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<AuditMarkDocument>,
    /// The oldest first.
    pub entries: Vec<AuditEntryDocument>,
    /// The `after` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// Whether the audit log is as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerdictDocument {
    /// Every entry fits the one before it, what was cut was told, and the head that was asked for is there.
    pub intact: bool,
    /// The first entry that does not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_broken: Option<i64>,
    /// Everything up to this entry is missing, and no entry tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_not_told: Option<i64>,
    /// Every entry fits, and none has the hash that was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub head_missing: bool,
    /// The last entry that was cut, where its time was over: what is proved begins after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<AuditMarkDocument>,
    /// The last entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<AuditMarkDocument>,
    /// The number of the entry with the hash that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<i64>,
}

/// Which head shall be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    head: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

impl From<AuditRecord> for AuditEntryDocument {
    fn from(record: AuditRecord) -> Self {
        let AuditRecord { sequence, at, actor, action, subject, detail, hash } = record;
        Self { sequence, at: at.to_string(), actor, action, subject, detail, hash: hex::encode(hash) }
    }
}

impl AuditEntryDocument {
    /// The entry as it stood in the log; `None` where a time or a hash is none.
    #[must_use]
    pub fn record(self) -> Option<AuditRecord> {
        let Self { sequence, at, actor, action, subject, detail, hash } = self;
        let (at, hash) = (at.parse::<UnixMillis>().ok()?, audit_hash(&hash)?);
        Some(AuditRecord { sequence, at, actor, action, subject, detail, hash })
    }
}

impl From<AuditMark> for AuditMarkDocument {
    fn from(mark: AuditMark) -> Self {
        Self { sequence: mark.sequence, hash: hex::encode(mark.hash) }
    }
}

impl AuditMarkDocument {
    /// The place; `None` where the hash is none.
    #[must_use]
    pub fn mark(&self) -> Option<AuditMark> {
        Some(AuditMark { sequence: self.sequence, hash: audit_hash(&self.hash)? })
    }
}

impl From<AuditVerdict> for AuditVerdictDocument {
    fn from(verdict: AuditVerdict) -> Self {
        let whole = |AuditExtent { cut, head, noted }| Self {
            cut: cut.map(Into::into),
            head: (head != AuditMark::BEGINNING).then(|| head.into()),
            noted,
            ..Self::default()
        };
        match verdict {
            AuditVerdict::Intact(extent) => Self { intact: true, ..whole(extent) },
            AuditVerdict::HeadMissing(extent) => Self { head_missing: true, ..whole(extent) },
            AuditVerdict::Broken(at) => Self { first_broken: Some(at), ..Self::default() },
            AuditVerdict::CutNotTold(at) => Self { cut_not_told: Some(at), ..Self::default() },
        }
    }
}

/// A hash of 64 hexadecimal digits.
#[must_use]
pub fn audit_hash(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// `GET /admin/audit?after=…`
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    QueryOf(After { after }): QueryOf<After>,
) -> Result<Json<AuditList>, Problem> {
    let page = operator.audit_page(after).await?;
    let entries = page.entries.into_iter().map(Into::into).collect();
    Ok(Json(AuditList { cut: page.cut.map(Into::into), entries, next: page.next }))
}

/// `GET /admin/audit/verify?head=…`
pub(super) async fn verify(
    State(operator): State<Arc<Operator>>,
    QueryOf(Head { head }): QueryOf<Head>,
) -> Result<Json<AuditVerdictDocument>, Problem> {
    let head = head.map(|text| audit_hash(&text).ok_or(text)).transpose().map_err(|_| {
        let detail = "head is a hash of 64 hexadecimal digits.";
        Problem::new(StatusCode::BAD_REQUEST, "invalid_query", detail)
    })?;
    Ok(Json(operator.verify_audit(head).await?.into()))
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
