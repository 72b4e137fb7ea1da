//! The narrow trait of senders' credentials.

use async_trait::async_trait;

use super::{ActError, StorageError};
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, Credential, CredentialId, Scopes, SecretHash, SenderCredential, SenderId};

/// A credential to be stored.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Its id.
    pub id: CredentialId,
    /// SHA-256 of its secret.
    pub secret_hash: SecretHash,
    /// What it allows.
    pub scopes: Scopes,
    /// From when it no longer counts.
    pub expires_at: Option<UnixMillis>,
}

/// What came of adding a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedCredential {
    /// It stands in the store.
    Added,
    /// It was there already, with this secret and these scopes: a repeated request.
    Same(SenderCredential),
    /// Another credential has this id.
    IdTaken,
    /// The sender has as many as it may have.
    TooMany,
    /// There is no such sender.
    NoSuchSender,
}

/// What came of removing a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedCredential {
    /// It is erased.
    Done,
    /// The sender has no such credential.
    Missing,
    /// No other one that counts has the scope admin: the sender would be locked out.
    LastAdmin,
}

/// Senders' credentials.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The credential with this id, with its sender's state and policy. Concurrent calls share a query.
    async fn find(&self, id: CredentialId) -> Result<Option<Credential>, StorageError>;

    /// Notes that a credential was used on `day`; nothing where that is known.
    async fn used(&self, id: CredentialId, day: Day) -> Result<(), StorageError>;

    /// All credentials of a sender, in the order of their ids.
    async fn of_sender(&self, sender: SenderId) -> Result<Vec<SenderCredential>, StorageError>;

    /// Adds a credential to a sender that has fewer than `most` which count at the time of `audit`.
    async fn add(
        &self,
        sender: SenderId,
        credential: &NewCredential,
        most: u32,
        audit: &AuditEntry,
    ) -> Result<AddedCredential, ActError>;

    /// Removes a sender's credential, unless no other with the scope admin counts at the time of `audit`.
    async fn remove(
        &self,
        sender: SenderId,
        id: CredentialId,
        audit: &AuditEntry,
    ) -> Result<RemovedCredential, ActError>;

    /// Erases credentials that have expired at `now`, at most `limit`. How many there were.
    async fn forget_expired(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError>;
}
