//! The narrow trait of senders.

use async_trait::async_trait;

use super::{ActError, NewCredential, StorageError};
use crate::base::UnixMillis;
use crate::model::{AuditEntry, Erased, Sender, SenderChange, SenderId};

/// Senders.
#[async_trait]
pub trait Senders: Send + Sync {
    /// Makes a sender with its first credential.
    async fn add(
        &self,
        sender: &Sender,
        credential: &NewCredential,
        audit: &AuditEntry,
    ) -> Result<(), ActError>;

    /// Senders in the order of their ids, after `after`, at most `limit`.
    async fn list(&self, after: Option<SenderId>, limit: u32) -> Result<Vec<Sender>, StorageError>;

    /// One sender.
    async fn find(&self, id: SenderId) -> Result<Option<Sender>, StorageError>;

    /// Changes a sender, and gives it as it is then. `None` where there is no such sender; nothing is written where
    /// it is so already.
    async fn change(
        &self,
        id: SenderId,
        change: &SenderChange,
        audit: &AuditEntry,
    ) -> Result<Option<Sender>, ActError>;

    /// Stops a sender: what it had waiting ends `gone` (`subscription_ended`) at the time of `audit`. False
    /// where there is no such sender.
    async fn suspend(&self, id: SenderId, audit: &AuditEntry) -> Result<bool, ActError>;

    /// Lets a suspended sender use the relay again. False where there is no such sender.
    async fn resume(&self, id: SenderId, audit: &AuditEntry) -> Result<bool, ActError>;

    /// Erases a sender with everything of it: credentials, subscriptions, notifications, deliveries and
    /// outcomes. What that took away; `None` where there is no such sender.
    async fn erase(&self, id: SenderId, audit: &AuditEntry) -> Result<Option<Erased>, ActError>;

    /// Whether what a sender asked for at `accepted_at` is not to be sent: since then, and since this process began, it
    /// was suspended or erased. From memory, without a query: what waits in memory asks before each attempt.
    fn has_stopped(&self, id: SenderId, accepted_at: UnixMillis, now: UnixMillis) -> bool;
}
