//! Makes a sender with its first credential.

use super::Operator;
use crate::model::{
    Actor, BearerToken, ContentPolicy, CredentialId, Scopes, Sender, SenderId, SenderName, SenderState,
    TokenKindPrefix,
};
use crate::storage::{ActError, NewCredential};

/// Why no sender was made.
#[derive(Debug, thiserror::Error)]
pub enum AddSenderError {
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// A sender that was just made.
pub struct AddedSender {
    /// The sender.
    pub sender: Sender,
    /// Its first credential, with every scope and no expiry. It is shown once: the store keeps a hash.
    pub credential: BearerToken,
}

impl AddedSender {
    /// The credential as its administrator pastes it.
    #[must_use]
    pub fn credential_text(&self) -> String {
        self.credential.reveal(TokenKindPrefix::Sender)
    }
}

impl Operator {
    /// Makes a sender. Names need not differ: the id is what counts.
    pub async fn add_sender(
        &self,
        by: Actor,
        name: SenderName,
        content_policy: ContentPolicy,
    ) -> Result<AddedSender, AddSenderError> {
        let sender = Sender {
            id: SenderId::random(&*self.entropy),
            name,
            state: SenderState::Active,
            content_policy,
            created_day: self.clock.now().day(),
        };
        let credential_id = CredentialId::random(&*self.entropy);
        let credential = BearerToken::draw(credential_id, &*self.entropy);
        let stored = NewCredential {
            id: credential_id,
            secret_hash: credential.secret_hash(),
            scopes: Scopes::ALL,
            expires_at: None,
        };
        let entry = self.entry(by, "sender.add", sender.id, format!("content_policy={content_policy}"));
        self.senders.add(&sender, &stored, &entry).await?;
        Ok(AddedSender { sender, credential })
    }
}
