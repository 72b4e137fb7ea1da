//! A sender reads, changes and erases itself.

use std::sync::Arc;

use super::{AuthenticatedSender, JoinRules};
use crate::base::{Clock, Live, UnixMillis, to_the_end};
use crate::model::{Actor, AuditEntry, Erased, Sender, SenderChange, SenderCredential};
use crate::storage::{ActError, Credentials, Senders, Storage, StorageError};

/// Why nothing was read or changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnSenderError {
    /// Looser than the operator's content policy.
    #[error("the content policy is looser than the operator's")]
    PolicyNotOffered,
    /// It was erased meanwhile.
    #[error("the sender is erased")]
    Missing,
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The store could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a sender may know and do of itself.
pub struct OwnSender {
    senders: Arc<dyn Senders>,
    credentials: Arc<dyn Credentials>,
    rules: Live<JoinRules>,
    clock: Arc<dyn Clock>,
}

impl OwnSender {
    /// Reads and changes this store.
    #[must_use]
    pub fn new(store: &Storage, rules: Live<JoinRules>, clock: Arc<dyn Clock>) -> Self {
        let (senders, credentials) = (Arc::clone(&store.senders), Arc::clone(&store.credentials));
        Self { senders, credentials, rules, clock }
    }

    /// The sender, and the credential by which it asks.
    pub async fn show(&self, by: &AuthenticatedSender) -> Result<(Sender, SenderCredential), OwnSenderError> {
        let sender = self.senders.find(by.id).await?.ok_or(OwnSenderError::Missing)?;
        let all = self.credentials.of_sender(by.id).await?;
        let own = all.into_iter().find(|one| one.id == by.credential).ok_or(OwnSenderError::Missing)?;
        Ok((sender, own))
    }

    /// Changes its name, its content policy, or both. The policy holds from the next submission on.
    pub async fn change(
        &self,
        by: &AuthenticatedSender,
        change: &SenderChange,
    ) -> Result<Sender, OwnSenderError> {
        if change.content_policy.is_some_and(|policy| policy < self.rules.get().content_policy) {
            return Err(OwnSenderError::PolicyNotOffered);
        }
        let entry = self.entry("sender.change", by, change_detail(change));
        self.senders.change(by.id, change, &entry).await?.ok_or(OwnSenderError::Missing)
    }

    /// Erases it with everything of it, for ever: when, and what that took away. Erasing what is erased already is no
    /// failure, and takes nothing away.
    pub async fn erase(&self, by: &AuthenticatedSender) -> Result<(UnixMillis, Erased), OwnSenderError> {
        let (senders, id) = (Arc::clone(&self.senders), by.id);
        let entry = self.entry("sender.erase", by, String::new());
        let at = entry.at;
        // To its end also where the sender hangs up: memory and files have to follow what the database says.
        match to_the_end(async move { senders.erase(id, &entry).await }).await {
            // Its credentials went with it.
            Err(ActError::ActorEnded) if self.senders.find(by.id).await?.is_none() => {
                Ok((at, Erased::default()))
            }
            erased => Ok((at, erased?.unwrap_or_default())),
        }
    }

    fn entry(&self, action: &'static str, by: &AuthenticatedSender, detail: String) -> AuditEntry {
        let subject = by.id.to_string();
        AuditEntry { at: self.clock.now(), actor: Actor::Sender(by.credential), action, subject, detail }
    }
}

/// What the audit log says of a change: the policy, and only that there is another name.
fn change_detail(change: &SenderChange) -> String {
    let name = change.name.as_ref().map(|_| "name".to_owned());
    let policy = change.content_policy.map(|policy| format!("content_policy={policy}"));
    name.into_iter().chain(policy).collect::<Vec<_>>().join(" ")
}
