//! Suspends, resumes and erases a sender: each to its end, also where whoever asked hangs up. Memory and files
//! have to follow what the database says.

use std::sync::Arc;

use super::Operator;
use crate::base::{UnixMillis, to_the_end};
use crate::model::{Actor, Erased, SenderId};
use crate::storage::ActError;

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSenderError {
    /// There is none with this id.
    #[error("there is no sender {0}")]
    NoSuchSender(SenderId),
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
}

impl Operator {
    /// Stops a sender: its credentials no longer count, and what it had waiting ends `gone`
    /// (`subscription_ended`). Its subscriptions stay.
    pub async fn suspend_sender(&self, by: Actor, id: SenderId) -> Result<(), ChangeSenderError> {
        let entry = self.entry(by, "sender.suspend", id, String::new());
        let senders = Arc::clone(&self.senders);
        found(id, to_the_end(async move { senders.suspend(id, &entry).await }).await?)
    }

    /// Lets a suspended sender use the relay again.
    pub async fn resume_sender(&self, by: Actor, id: SenderId) -> Result<(), ChangeSenderError> {
        let entry = self.entry(by, "sender.resume", id, String::new());
        let senders = Arc::clone(&self.senders);
        found(id, to_the_end(async move { senders.resume(id, &entry).await }).await?)
    }

    /// Erases a sender with everything of it: credentials, subscriptions, notifications, outcomes. What stays
    /// is the audit log, which knows its id and nothing else of it. When, and what that took away.
    pub async fn erase_sender(
        &self,
        by: Actor,
        id: SenderId,
    ) -> Result<(UnixMillis, Erased), ChangeSenderError> {
        let entry = self.entry(by, "sender.erase", id, String::new());
        let (senders, at) = (Arc::clone(&self.senders), entry.at);
        let erased = to_the_end(async move { senders.erase(id, &entry).await }).await?;
        Ok((at, erased.ok_or(ChangeSenderError::NoSuchSender(id))?))
    }
}

fn found(id: SenderId, found: bool) -> Result<(), ChangeSenderError> {
    if found { Ok(()) } else { Err(ChangeSenderError::NoSuchSender(id)) }
}
