//! Why a submission is refused. Read next: `submit.rs`.

use super::RateLimited;
use super::outbox_bounds::Full;
use crate::storage::StorageError;

/// Why a submission is refused. Nothing of it was done, but where an error says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// This sender used this id for another body.
    #[error("the notification id was used for another body")]
    IdReused,
    /// Readable content, where the policy takes envelopes only.
    #[error("the content policy takes sealed content only")]
    ContentNotSealed,
    /// An option that the target's app does not let a push service see.
    #[error("the app does not allow this option")]
    NotAllowedByApp {
        /// The target's place in the request, from 0.
        target: usize,
        /// `badge` or `sound`.
        option: &'static str,
    },
    /// The wait ended, and what was undecided could not be made durable. Some of it may have gone out.
    #[error("what is undecided could not be made durable")]
    NotKept,
    /// As much waits as may, of this sender or of all.
    #[error("the outbox is full")]
    OutboxFull(Full),
    /// The sender notifies more than it may.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// The store failed before anything was done.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
