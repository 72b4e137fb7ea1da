//! The narrow trait of the audit log: append-only, chained by hash, cut at its old end alone.

use async_trait::async_trait;

use super::StorageError;
use crate::base::UnixMillis;
use crate::model::{AuditEntry, AuditMark, AuditRecord, AuditVerdict, AuditWalk};

/// So many entries are checked at a time, so that a long log does not fill the memory.
const STEP: u32 = 1000;

/// The audit log. Entries about what is in the store are written in the transaction of the change.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Appends an entry for a change that is not in the store (an app in the config).
    async fn append(&self, entry: &AuditEntry) -> Result<(), StorageError>;

    /// Appends an entry, unless the last one with its action and subject says the same. Whether it did.
    async fn append_news(&self, entry: &AuditEntry) -> Result<bool, StorageError>;

    /// Entries in their order, after `after`, at most `limit`.
    async fn list(&self, after: i64, limit: u32) -> Result<Vec<AuditRecord>, StorageError>;

    /// The last entry before `before`, the last one that was cut included.
    async fn head_before(&self, before: UnixMillis) -> Result<Option<AuditMark>, StorageError>;

    /// The last entry that was cut, if any was.
    async fn last_cut(&self) -> Result<Option<AuditMark>, StorageError>;

    /// Cuts at most `limit` entries from the old end that are all from before `before`, and appends `entry`, which then
    /// tells through which; how many there were. Nothing where all of them only tell of cuts.
    async fn cut(&self, before: UnixMillis, limit: u32, entry: &AuditEntry) -> Result<u64, StorageError>;

    /// Follows the chain of hashes from the first entry to the last, and looks for the one with the hash `head`.
    async fn verify(&self, head: Option<[u8; 32]>) -> Result<AuditVerdict, StorageError> {
        loop {
            let cut = self.last_cut().await?;
            let mut walk = AuditWalk::after(cut, head);
            let mut after = cut.unwrap_or(AuditMark::BEGINNING).sequence;
            loop {
                let records = self.list(after, STEP).await?;
                let Some(last) = records.last() else { break };
                after = last.sequence;
                for record in &records {
                    walk.step(record);
                }
            }
            let verdict = walk.end();
            // What was cut meanwhile is no fault of the log.
            if verdict.is_intact() || self.last_cut().await? == cut {
                return Ok(verdict);
            }
        }
    }
}
