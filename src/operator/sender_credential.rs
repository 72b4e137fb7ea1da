//! Gives a sender a new credential, where its administrator has lost the others.

use super::Operator;
use crate::model::{Actor, BearerToken, CredentialId, Scopes, SenderId, TokenKindPrefix};
use crate::storage::{ActError, AddedCredential, NewCredential};

/// Why there is no new credential.
#[derive(Debug, thiserror::Error)]
pub enum AddSenderCredentialError {
    /// There is no sender with this id.
    #[error("there is no sender {0}")]
    NoSuchSender(SenderId),
    /// The id that was drawn is taken: the system's randomness is broken.
    #[error("the system drew an id that is taken")]
    IdTaken,
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// A credential that was just made.
pub struct NewSenderCredential {
    /// Its id.
    pub id: CredentialId,
    /// Its text. It is shown once: the store keeps a hash.
    pub text: String,
}

impl Operator {
    /// Adds a credential with every scope and no expiry. Those that are there go on counting: their holder removes
    /// them with the new one.
    pub async fn add_sender_credential(
        &self,
        by: Actor,
        sender: SenderId,
    ) -> Result<NewSenderCredential, AddSenderCredentialError> {
        let id = CredentialId::random(&*self.entropy);
        let drawn = BearerToken::draw(id, &*self.entropy);
        let new =
            NewCredential { id, secret_hash: drawn.secret_hash(), scopes: Scopes::ALL, expires_at: None };
        let entry = self.entry(by, "credential.add", sender, format!("credential={id}"));
        // Who has used up the number of credentials that a sender may have is helped all the same.
        match self.credentials.add(sender, &new, u32::MAX, &entry).await? {
            AddedCredential::Added => {
                Ok(NewSenderCredential { id, text: drawn.reveal(TokenKindPrefix::Sender) })
            }
            AddedCredential::NoSuchSender => Err(AddSenderCredentialError::NoSuchSender(sender)),
            AddedCredential::Same(_) | AddedCredential::IdTaken | AddedCredential::TooMany => {
                Err(AddSenderCredentialError::IdTaken)
            }
        }
    }
}
