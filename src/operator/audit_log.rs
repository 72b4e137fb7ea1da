//! Reads, checks and continues the audit log.

use sealpush_seal::registration::KeyId;

use super::{Operator, PAGE};
use crate::model::{Actor, AppId, AuditMark, AuditRecord, AuditVerdict};
use crate::storage::StorageError;

/// Why the audit log could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Some entries, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The last entry that was cut, where its time was over: the first one that is there follows it.
    pub cut: Option<AuditMark>,
    /// At most [`PAGE`].
    pub entries: Vec<AuditRecord>,
    /// Where the next page begins, if there is one: after this sequence number.
    pub next: Option<i64>,
}

impl Operator {
    /// The entries after the sequence number `after`; 0 for the first page.
    pub async fn audit_page(&self, after: i64) -> Result<AuditPage, AuditError> {
        let cut = self.audit.last_cut().await?;
        // One more than is shown tells whether there is a next page.
        let mut entries = self.audit.list(after, PAGE + 1).await?;
        let more = entries.len() > PAGE as usize;
        entries.truncate(PAGE as usize);
        let next = if more { entries.last().map(|record| record.sequence) } else { None };
        Ok(AuditPage { cut, entries, next })
    }

    /// Follows the chain of hashes from the first entry to the last, and looks for the one with the hash `head`.
    pub async fn verify_audit(&self, head: Option<[u8; 32]>) -> Result<AuditVerdict, AuditError> {
        Ok(self.audit.verify(head).await?)
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
