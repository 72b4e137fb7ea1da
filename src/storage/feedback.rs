//! The narrow trait of feedback: subscriptions that ended, told to their sender until it acknowledged them.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::StorageError;
use crate::base::Day;
use crate::model::{FeedbackCursor, FeedbackEntry, SenderId};

/// What senders are told of subscriptions that ended. Entries are made where a subscription ends, in the same
/// transaction; those of an erased sender end with it.
#[async_trait]
pub trait Feedback: Send + Sync {
    /// Up to `limit` entries of the sender's after the one that `after` names, the oldest first. That one and all
    /// before it are acknowledged, and erased. A cursor that is not kept any more was acknowledged, or is older than
    /// all that is kept: all of it comes then.
    async fn entries(
        &self,
        sender: SenderId,
        after: Option<FeedbackCursor>,
        limit: u32,
    ) -> Result<Vec<FeedbackEntry>, StorageError>;

    /// Rings when a subscription of the sender's ended. Listen before asking for entries, so that none is missed.
    fn feedback_bell(&self, sender: SenderId) -> Arc<Notify>;

    /// Erases entries from before `day` that nobody acknowledged; at most `limit`. Returns how many.
    async fn forget_feedback(&self, before: Day, limit: u32) -> Result<u64, StorageError>;
}
