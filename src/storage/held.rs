//! The narrow trait of what is held about somebody, for them to read.

use async_trait::async_trait;

use super::StorageError;
use crate::model::{HeldCursor, HeldPage, RegistrationId, SenderId};

/// What is held. Pages are of their moment each: a row that comes or goes meanwhile may be in none of them.
#[async_trait]
pub trait HeldRows: Send + Sync {
    /// Everything that is linked to a sender, a page of it.
    async fn held_of_sender(
        &self,
        sender: SenderId,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, StorageError>;

    /// Everything that is linked to a registration, a page of it.
    async fn held_on_registration(
        &self,
        registration: RegistrationId,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, StorageError>;
}
