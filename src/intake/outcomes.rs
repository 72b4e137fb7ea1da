//! Outcomes: what became of a notification.

use std::sync::Arc;

use super::AuthenticatedSender;
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
}

impl Outcomes {
    /// Reads them from this store.
    #[must_use]
    pub fn new(store: &Storage) -> Self {
        Self { outbox: Arc::clone(&store.outbox) }
    }

    /// What is known of one of the sender's notifications.
    pub async fn find(
        &self,
        sender: AuthenticatedSender,
        id: NotificationId,
    ) -> Result<NotificationState, OutcomesError> {
        self.outbox.known(sender.id, id).await?.ok_or(OutcomesError::Missing)
    }
}
