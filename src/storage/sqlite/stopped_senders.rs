//! Senders that were suspended or erased since this process began.
//!
//! What waits in the database ends in the transaction that stops a sender; what waits in memory alone, because its
//! sender waits for the answer, is stopped by asking here before each attempt, without a query. This process holds the
//! database alone, so that what was stopped before it began has nothing in its memory.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use crate::model::SenderId;

/// Senders whose deliveries are not attempted any more.
#[derive(Default)]
pub(super) struct StoppedSenders(RwLock<HashSet<SenderId>>);

impl StoppedSenders {
    /// Whether `id` was stopped.
    pub(super) fn contains(&self, id: SenderId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// It was suspended or erased.
    pub(super) fn stop(&self, id: SenderId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// It may go on.
    pub(super) fn resume(&self, id: SenderId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}
