//! A sender lists, adds and removes its credentials: rotation with overlap.

use std::sync::Arc;

use super::new_secret::Drawing;
use super::{AuthenticatedSender, NewSecret};
use crate::base::{Clock, Entropy, to_the_end};
use crate::model::{Actor, AuditEntry, CredentialId, Lifetime, Scope, Scopes, SenderCredential, SenderId};
use crate::storage::{
    ActError, AddedCredential, Credentials, NewCredential, RemovedCredential, Storage, StorageError,
};

/// The most credentials of one sender: one for each of its machines, and as many again while they rotate.
const MOST: u32 = 20;

/// Why nothing was listed or changed.
#[derive(Debug, thiserror::Error)]
pub enum SenderCredentialsError {
    /// The sender has as many as it may have.
    #[error("too many credentials")]
    TooMany(u32),
    /// The id belongs to another credential.
    #[error("the credential id is taken")]
    IdTaken,
    /// It has no such credential.
    #[error("no such credential")]
    NoSuchCredential,
    /// Without this one, the sender could not administer itself.
    #[error("the last admin credential")]
    LastAdmin,
    /// The sender was erased meanwhile.
    #[error("the sender is erased")]
    Missing,
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The store could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A credential that a sender asks for.
pub struct WantedCredential {
    /// What it shall allow.
    pub scopes: Scopes,
    /// For how long it shall count; for ever where it is `None`.
    pub lifetime: Option<Lifetime>,
    /// Who draws it.
    pub secret: NewSecret,
}

/// A credential that was added.
pub struct AddedToSender {
    /// It.
    pub credential: SenderCredential,
    /// Its text, where the relay drew it; shown once.
    pub text: Option<String>,
    /// False for a repeated request.
    pub created: bool,
}

/// Senders' own credentials.
pub struct SenderCredentials {
    credentials: Arc<dyn Credentials>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl SenderCredentials {
    /// Those of this store.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { credentials: Arc::clone(&store.credentials), clock, entropy }
    }

    /// All of them, in the order of their ids.
    pub async fn list(&self, sender: SenderId) -> Result<Vec<SenderCredential>, SenderCredentialsError> {
        Ok(self.credentials.of_sender(sender).await?)
    }

    /// Adds one.
    pub async fn add(
        &self,
        by: &AuthenticatedSender,
        wanted: WantedCredential,
    ) -> Result<AddedToSender, SenderCredentialsError> {
        let Drawing { id, secret_hash, text } = wanted.secret.draw(&*self.entropy);
        let (scopes, now) = (wanted.scopes, self.clock.now());
        let expires_at = wanted.lifetime.map(|lifetime| now.plus(lifetime.duration()));
        let new = NewCredential { id, secret_hash, scopes, expires_at };
        let names: Vec<_> = scopes.list().into_iter().map(Scope::as_str).collect();
        let detail = format!("credential={id} scopes={}", names.join(","));
        let entry = self.entry("credential.add", by, detail);
        let added = SenderCredential { id, scopes, expires_at, last_used_day: None };
        let (credential, created) = match self.credentials.add(by.id, &new, MOST, &entry).await? {
            AddedCredential::Added => (added, true),
            AddedCredential::Same(there) => (there, false),
            AddedCredential::IdTaken => return Err(SenderCredentialsError::IdTaken),
            AddedCredential::TooMany => return Err(SenderCredentialsError::TooMany(MOST)),
            AddedCredential::NoSuchSender => return Err(SenderCredentialsError::Missing),
        };
        Ok(AddedToSender { credential, text, created })
    }

    /// Removes one: it stops at once.
    pub async fn remove(
        &self,
        by: &AuthenticatedSender,
        id: CredentialId,
    ) -> Result<(), SenderCredentialsError> {
        let entry = self.entry("credential.remove", by, format!("credential={id}"));
        let (credentials, sender) = (Arc::clone(&self.credentials), by.id);
        // To its end also where the sender hangs up: memory and files have to follow what the database says.
        match to_the_end(async move { credentials.remove(sender, id, &entry).await }).await? {
            RemovedCredential::Done => Ok(()),
            RemovedCredential::Missing => Err(SenderCredentialsError::NoSuchCredential),
            RemovedCredential::LastAdmin => Err(SenderCredentialsError::LastAdmin),
        }
    }

    fn entry(&self, action: &'static str, by: &AuthenticatedSender, detail: String) -> AuditEntry {
        let subject = by.id.to_string();
        AuditEntry { at: self.clock.now(), actor: Actor::Sender(by.credential), action, subject, detail }
    }
}
