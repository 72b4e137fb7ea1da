//! Outcomes: what became of a notification.

use std::sync::Arc;

use super::running::Running;
use super::{AuthenticatedSender, Submit};
use crate::model::{NotificationId, NotificationState};
use crate::storage::{Outbox, Storage, StorageError};

/// Why there is nothing to say.
#[derive(Debug, thiserror::Error)]
pub enum OutcomesError {
    /// This sender has no such notification, or its outcomes are no longer kept.
    #[error("no such notification")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Reads outcomes.
pub struct Outcomes {
    outbox: Arc<dyn Outbox>,
    running: Arc<Running>,
}

impl Outcomes {
    /// Reads them from this store, and what `submit` answered and the store does not know yet.
    #[must_use]
    pub fn new(store: &Storage, submit: &Submit) -> Self {
        Self { outbox: Arc::clone(&store.outbox), running: Arc::clone(submit.running()) }
    }

    /// What is known of one of the sender's notifications.
    pub async fn find(
        &self,
        sender: AuthenticatedSender,
        id: NotificationId,
    ) -> Result<NotificationState, OutcomesError> {
        // Looked for in this order: a turn ends only when its outcomes stand in the store.
        if let Some(answer) = self.running.answered((sender.id, id)) {
            return Ok(answer.state.clone());
        }
        self.outbox.known(sender.id, id).await?.ok_or(OutcomesError::Missing)
    }
}
