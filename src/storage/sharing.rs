//! The narrow trait of sharing: what senders' administrators agreed to share, and what is stored because of it.

use async_trait::async_trait;

use super::{ActError, StorageError, UsageRecorder};
use crate::base::{Day, UnixMillis};
use crate::model::{
    Agreement, AuditEntry, Category, SenderId, SenderName, SubscriptionId, UsageRecords, VolumeCell,
    WantedCategory,
};

/// What came of changing what a sender shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// It shares this now, in the order of the categories.
    Done(Vec<Agreement>),
    /// The wording of this category is another one now; nothing was changed.
    OtherWording(Category),
    /// Sharing is locked off for everybody; nothing was changed.
    LockedOff,
    /// There is no such sender.
    NoSuchSender,
}

/// What the relay knows of a sender's usage anyway, without recording any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PresentUsage {
    /// Deliveries that ended, of notifications whose outcomes are kept.
    pub ended: Vec<(SubscriptionId, VolumeCell)>,
    /// Subscriptions that are in use.
    pub devices: u64,
}

/// What is shared. Everything of it ends with its sender.
#[async_trait]
pub trait Sharing: Send + Sync {
    /// What counts while notifications pass through.
    fn recorder(&self) -> &UsageRecorder;

    /// What the sender's administrator agreed to, in the order of the categories.
    async fn agreements(&self, sender: SenderId) -> Result<Vec<Agreement>, StorageError>;

    /// From now on the sender shares what is `wanted`, and nothing else. What was collected of a category that is no
    /// longer shared is erased with it, in memory too. What is as it was stays, with its time; `audit` becomes an entry
    /// about each category that is switched on or off.
    async fn share(
        &self,
        sender: SenderId,
        wanted: &[WantedCategory],
        audit: &AuditEntry,
    ) -> Result<Shared, ActError>;

    /// All that is stored of a sender because of sharing.
    async fn usage(&self, sender: SenderId) -> Result<UsageRecords, StorageError>;

    /// What would be recorded of a sender, read from what is there anyway: of the newest notifications, at most so
    /// many, and as far as their outcomes fit into a mebibyte.
    async fn present_usage(&self, sender: SenderId, notifications: u32)
    -> Result<PresentUsage, StorageError>;

    /// Erases the figures of a sender; what it shares is recorded on.
    async fn forget_usage(&self, sender: SenderId, audit: &AuditEntry) -> Result<(), ActError>;

    /// Writes what was recorded since the last time, as far as the store says that it is shared.
    async fn write_usage(&self, now: UnixMillis) -> Result<(), StorageError>;

    /// Erases figures from before `day`, at most `limit` of each kind. How many there were.
    async fn forget_usage_before(&self, day: Day, limit: u32) -> Result<u64, StorageError>;

    /// Senders of which something is stored because of sharing, in the order of their ids, after `after`, at most
    /// `limit`.
    async fn senders_with_usage(
        &self,
        after: Option<SenderId>,
        limit: u32,
    ) -> Result<Vec<(SenderId, SenderName)>, StorageError>;

    /// Erases everything that is shared and was agreed to, of all senders, and lets nobody share until
    /// [`Sharing::unlock`]. How many senders had agreed to something.
    async fn lock_off(&self, audit: &AuditEntry) -> Result<u64, StorageError>;

    /// Lets senders share again. Whatever they shared before, it is off.
    fn unlock(&self);
}
