//! Reads, checks and continues the audit log.

use sealpush_seal::registration::KeyId;

use super::{Operator, PAGE};
use crate::base::UnixMillis;
use crate::model::{Actor, AppId};
use crate::storage::StorageError;

/// Why the audit log could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// One entry of the audit log, as the operator reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// 1, 2, 3, … without gaps.
    pub sequence: i64,
    /// When.
    pub at: UnixMillis,
    /// Who: `operator`, `operator:` with the id of its token, or `sender`.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: String,
    /// To whom.
    pub subject: String,
    /// What changed.
    pub detail: String,
}

/// Some entries, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// At most [`PAGE`].
    pub entries: Vec<AuditLine>,
    /// Where the next page begins, if there is one: after this sequence number.
    pub next: Option<i64>,
}

/// Whether the audit log is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every entry fits the one before it.
    Intact,
    /// The first entry that does not.
    Broken(i64),
}

impl Operator {
    /// The entries after the sequence number `after`; 0 for the first page.
    pub async fn audit_page(&self, after: i64) -> Result<AuditPage, AuditError> {
        // One more than is shown tells whether there is a next page.
        let mut records = self.audit.list(after, PAGE + 1).await?;
        let more = records.len() > PAGE as usize;
        records.truncate(PAGE as usize);
        let next = if more { records.last().map(|record| record.sequence) } else { None };
        let entries = records
            .into_iter()
            .map(|record| AuditLine {
                sequence: record.sequence,
                at: record.at,
                actor: record.actor,
                action: record.action,
                subject: record.subject,
                detail: record.detail,
            })
            .collect();
        Ok(AuditPage { entries, next })
    }

    /// Follows the chain of hashes from the first entry to the last.
    pub async fn verify_audit(&self) -> Result<AuditVerdict, AuditError> {
        Ok(self.audit.first_broken().await?.map_or(AuditVerdict::Intact, AuditVerdict::Broken))
    }

    /// Notes that an app was added to the config, which the store does not see.
    pub async fn note_app_added(&self, by: Actor, app: &AppId) -> Result<(), AuditError> {
        Ok(self.audit.append(&self.entry(by, "app.add", app, String::new())).await?)
    }

    /// Notes that a key was added to the ring of registration keys, which the store does not see.
    pub async fn note_registration_key_added(
        &self,
        by: Actor,
        key: KeyId,
        previous_ended: bool,
    ) -> Result<(), AuditError> {
        let detail = format!("previous_ended={previous_ended}");
        Ok(self.audit.append(&self.entry(by, "registration_key.rotate", key, detail)).await?)
    }
}
