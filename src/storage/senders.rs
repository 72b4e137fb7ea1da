//! The narrow trait of senders and their credentials.

use async_trait::async_trait;

use super::StorageError;
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, Credential, CredentialId, Scopes, SecretHash, Sender, SenderId};

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

/// Senders and their credentials.
#[async_trait]
pub trait Senders: Send + Sync {
    /// Makes a sender with its first credential.
    async fn add(
        &self,
        sender: &Sender,
        credential: &NewCredential,
        audit: &AuditEntry,
    ) -> Result<(), StorageError>;

    /// Senders in the order of their ids, after `after`, at most `limit`.
    async fn list(&self, after: Option<SenderId>, limit: u32) -> Result<Vec<Sender>, StorageError>;

    /// One sender.
    async fn find(&self, id: SenderId) -> Result<Option<Sender>, StorageError>;

    /// The credential with this id, with its sender's state and policy. Concurrent calls share a query.
    async fn credential(&self, id: CredentialId) -> Result<Option<Credential>, StorageError>;

    /// Notes that a credential was used on `day`; nothing where that is known.
    async fn credential_used(&self, id: CredentialId, day: Day) -> Result<(), StorageError>;

    /// Stops a sender: what it had waiting ends `gone` (`subscription_ended`) at the time of `audit`. False
    /// where there is no such sender.
    async fn suspend(&self, id: SenderId, audit: &AuditEntry) -> Result<bool, StorageError>;

    /// Lets a suspended sender use the relay again. False where there is no such sender.
    async fn resume(&self, id: SenderId, audit: &AuditEntry) -> Result<bool, StorageError>;

    /// Erases a sender with everything of it: credentials, subscriptions, notifications, deliveries and
    /// outcomes. False where there is no such sender.
    async fn erase(&self, id: SenderId, audit: &AuditEntry) -> Result<bool, StorageError>;
}
