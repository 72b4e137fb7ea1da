//! Why the store failed.

/// A failure of the store. What is merely absent or in the way is a value, not one of these.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// No room, or no right to write: the relay refuses what it cannot promise, and recovers by itself.
    #[error("the database cannot be written now ({0}): free disk space or make it writable")]
    Unwritable(&'static str),
    /// Another process holds the database.
    #[error("another process uses the database {0}: stop it first")]
    Locked(String),
    /// Written by a newer release, or not ours.
    #[error("the database's schema does not fit this release: {0}")]
    Schema(String),
    /// Its tokens are encrypted, and found, under another key than the one that is configured.
    #[error(
        "the database is kept under another storage key: put the key that it was kept under into the key file, as the \
         second line where it is from before a rotation"
    )]
    WrongKey,
    /// Not everything is under the configured storage key yet, and the one before is missing.
    #[error(
        "the rotation of the storage key is not done, and the key before is missing: put it back, as the second line of \
         the key file"
    )]
    KeyBeforeMissing,
    /// A value that this release cannot read; its key is missing or the row was changed from outside.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(&'static str),
    /// Any other failure of the engine. Its text names no values.
    #[error("the database failed: {0}")]
    Engine(String),
}
