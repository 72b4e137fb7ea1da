//! The narrow trait of the audit log: append-only, chained by hash.

use async_trait::async_trait;

use super::StorageError;
use crate::base::UnixMillis;
use crate::model::AuditEntry;

/// One entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// 1, 2, 3, … without gaps.
    pub sequence: i64,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To whom.
    pub subject: String,
    /// What changed.
    pub detail: String,
    /// SHA-256 over the previous entry's hash and this entry's fields.
    pub hash: [u8; 32],
}

/// The audit log. Entries about senders are written by [`super::Senders`], in the transaction of the change.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Appends an entry for a change that is not in the store (an app in the config).
    async fn append(&self, entry: &AuditEntry) -> Result<(), StorageError>;

    /// Entries in their order, after `after`, at most `limit`.
    async fn list(&self, after: i64, limit: u32) -> Result<Vec<AuditRecord>, StorageError>;

    /// Checks the chain of hashes from the first entry on. The sequence of the first entry that does not
    /// fit, or `None` where all do.
    async fn first_broken(&self) -> Result<Option<i64>, StorageError>;
}
