//! The narrow trait of the storage key's rotation: everything moves from one key to the next while the store is used.

use async_trait::async_trait;

use super::StorageError;
use crate::model::AuditEntry;
use crate::privacy::{StorageKeyId, StorageKeyring};

/// Under which storage keys the database is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeysInUse {
    /// Everything is written under this one.
    pub current: StorageKeyId,
    /// Something may still be under this one.
    pub previous: Option<StorageKeyId>,
}

/// What came of beginning a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Everything is written under the new key from now on.
    Done,
    /// It is the key already.
    Already,
    /// The keys do not go on from those in use: the one before is another, or a rotation is not finished.
    NotARotation,
}

/// How far a rotation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RekeyProgress {
    /// Rows that this walk has looked at.
    pub done: u64,
    /// Rows that there were when it began.
    pub total: u64,
    /// Nothing is under the previous key any more.
    pub finished: bool,
}

/// Rotates the storage key. What was begun goes on after a crash: each ciphertext names its key, so that a step only
/// has to look at it.
#[async_trait]
pub trait Rekey: Send + Sync {
    /// Under which keys the database is kept now.
    async fn keys_in_use(&self) -> Result<KeysInUse, StorageError>;

    /// Writes under the newest of `keys` from now on, and reads what is under the one before, which must be the key
    /// of now; with `entry` in the audit log.
    async fn begin_rekey(&self, keys: &StorageKeyring, entry: &AuditEntry) -> Result<Begun, StorageError>;

    /// Looks at up to `limit` rows and moves those that are under another key than the current one. The step that finds
    /// nothing left ends the rotation, with `entry` in the audit log.
    async fn rekey_step(&self, limit: u32, entry: &AuditEntry) -> Result<RekeyProgress, StorageError>;
}
