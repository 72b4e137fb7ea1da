//! Withdraw: what of a notification has not gone out yet does not go out any more.

use std::sync::Arc;
use std::time::Duration;

use super::running::Running;
use super::{AuthenticatedSender, Submit};
use crate::base::{Clock, to_the_end};
use crate::model::{CalledOff, NotificationId, NotificationState};
use crate::storage::{CallOff, Outbox, Storage, StorageError};

/// Why nothing is withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// This sender has no such notification, or its outcomes are no longer kept.
    #[error("no such notification")]
    Missing,
    /// The store failed. What waited in memory may be withdrawn.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Withdraws notifications.
pub struct Withdraw {
    outbox: Arc<dyn Outbox>,
    running: Arc<Running>,
    clock: Arc<dyn Clock>,
    /// How long outcomes are kept.
    keep: Duration,
}

impl Withdraw {
    /// Withdraws what stands in this store, and what `submit` is about to send.
    #[must_use]
    pub fn new(store: &Storage, submit: &Submit, clock: Arc<dyn Clock>, keep: Duration) -> Self {
        let running = Arc::clone(submit.running());
        Self { outbox: Arc::clone(&store.outbox), running, clock, keep }
    }

    /// Withdraws one of the sender's notifications; what is known of it then. What is under way ends as it ends,
    /// and is not tried again. Withdrawing twice is withdrawing once.
    pub async fn withdraw(
        &self,
        sender: AuthenticatedSender,
        id: NotificationId,
    ) -> Result<NotificationState, WithdrawError> {
        // One that runs is answered, or durable, when its answer is there; also where a sender waits for it.
        let running = match self.running.withdraw((sender.id, id)) {
            Some(joined) => joined.answer().await,
            None => None,
        };
        let (outbox, now, keep_until) =
            (Arc::clone(&self.outbox), self.clock.now(), self.clock.now().plus(self.keep));
        to_the_end(async move {
            let which = CallOff::Notification { sender: sender.id, id, targets: None };
            outbox.call_off(&which, CalledOff::Withdrawn, now, keep_until).await
        })
        .await?;
        match self.outbox.known(sender.id, id).await? {
            Some(state) => Ok(state),
            // Decided, and not in the store: not yet, or never where outcomes are not kept.
            None => running.map(|answer| answer.state.clone()).ok_or(WithdrawError::Missing),
        }
    }
}
