//! The narrow trait of retention: ends what nobody uses, a few rows at a time.

use async_trait::async_trait;

use super::StorageError;
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, RegistrationId, SenderId, SubscriptionId};
use crate::privacy::Ends;

/// What one step of a walk over all rows came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walked<K> {
    /// So many rows ended.
    pub ended: u64,
    /// Where the next step begins: after this row; `None` where all rows were looked at.
    pub next: Option<K>,
}

/// Ends what nobody uses. Each step looks at `limit` rows at most, so that it holds up nobody who wants to write,
/// however many there are.
#[async_trait]
pub trait Retention: Send + Sync {
    /// Looks at the registrations after `after`, and ends those whose time is over with their subscriptions; what
    /// waited for them ends `gone` (`subscription_ended`) at `at`.
    async fn end_registrations(
        &self,
        after: Option<RegistrationId>,
        limit: u32,
        ends: &Ends,
        at: UnixMillis,
    ) -> Result<Walked<RegistrationId>, StorageError>;

    /// Looks at the subscriptions after `after`, and ends those that were never used and whose time is over; what
    /// waited for them ends `gone` (`subscription_ended`) at `at`.
    async fn end_subscriptions(
        &self,
        after: Option<SubscriptionId>,
        limit: u32,
        ends: &Ends,
        at: UnixMillis,
    ) -> Result<Walked<SubscriptionId>, StorageError>;

    /// Looks at the senders after `after` that joined an open relay, and erases those that are active, have no
    /// subscription, and were neither made nor used on the day `since` or later. `audit` becomes an entry about each of
    /// them.
    async fn erase_unused_senders(
        &self,
        after: Option<SenderId>,
        limit: u32,
        since: Day,
        audit: &AuditEntry,
    ) -> Result<Walked<SenderId>, StorageError>;

    /// Forgets codes and the answers to sealed registrations whose time is over at `now`; at most `limit` of each.
    /// Returns how many.
    async fn forget_proofs(&self, ends: &Ends, now: UnixMillis, limit: u32) -> Result<u64, StorageError>;

    /// Makes what ended vanish from the files, not only from the tables.
    async fn overwrite_ended(&self) -> Result<(), StorageError>;

    /// Returns when something was erased on request whose bytes may still be in the files: since the last call, or from
    /// now on.
    async fn overwriting_asked(&self);

    /// Forgets outside the database what was removed on request before the day `before`: no backup has it any more.
    async fn forget_removals(&self, before: Day) -> Result<(), StorageError>;

    /// The day of the last sweep, as the clock of that time had it.
    async fn last_swept(&self) -> Result<Option<Day>, StorageError>;

    /// Notes the day of a sweep.
    async fn note_swept(&self, day: Day) -> Result<(), StorageError>;
}
