//! What is done in somebody's name, and why it was not.

use super::StorageError;

/// Why nothing was changed in the name of the actor whom the audit entry names. Each change that is written into
/// the audit log looks, in its own transaction, whether that actor may still act: between authentication and the
/// change lies a body that a client may send for as long as it likes.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The credential or operator token was removed, has expired, or may not do this.
    #[error("who asked may not act any more")]
    ActorEnded,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
