//! A sender and an app read what is held about them.

use std::sync::Arc;

use super::AuthenticatedSender;
use crate::model::{HeldCursor, HeldPage, Registration};
use crate::storage::{HeldRows, Storage, StorageError};

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What is held about somebody, for them to read.
pub struct HeldAbout {
    rows: Arc<dyn HeldRows>,
}

impl HeldAbout {
    /// Reads this store.
    #[must_use]
    pub fn new(store: &Storage) -> Self {
        Self { rows: Arc::clone(&store.held) }
    }

    /// Everything that is linked to the sender, a page of it.
    pub async fn sender(
        &self,
        by: &AuthenticatedSender,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, HeldError> {
        Ok(self.rows.held_of_sender(by.id, after).await?)
    }

    /// Everything that is linked to the registration whose holder asks, a page of it.
    pub async fn registration(
        &self,
        registration: &Registration,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, HeldError> {
        Ok(self.rows.held_on_registration(registration.id, after).await?)
    }
}
