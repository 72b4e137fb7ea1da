//! A server becomes a sender: by an invite, or because the relay is open.
//!
//! A request that is repeated because its answer was lost makes no second sender, and never leaves its holder without
//! a credential: who drew the credential has it already, and who had the relay draw it gets a new one in place of the
//! one that nobody used. Must not know addresses: limits per address stand before this use case.

use std::sync::Arc;
use std::time::Duration;

use super::NewSecret;
use super::new_secret::Drawing;
use crate::base::{Clock, Entropy, Live, UnixMillis};
use crate::model::{
    Actor, AdmissionMode, AuditEntry, BearerToken, ContentPolicy, CredentialId, Scopes, Sender, SenderId,
    SenderName, SenderState, TokenKindPrefix,
};
use crate::storage::{Admission, Joined, Joining, NewCredential, ShownInvite, Storage, StorageError};

/// For how long who lost the answer can repeat a request in which the relay draws the credential.
const AGAIN: Duration = Duration::from_hours(1);

/// Why a server does not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The relay takes invited servers only, and no code was shown.
    #[error("an invite is needed")]
    InviteNeeded,
    /// The code is none, or a mistyped one.
    #[error("not an invite's code")]
    InviteMalformed,
    /// There is no such invite, or it has expired or was revoked.
    #[error("the invite is not valid")]
    InviteInvalid,
    /// Another request used it.
    #[error("the invite was used")]
    InviteUsed,
    /// Looser than the operator's content policy.
    #[error("the content policy is looser than the operator's")]
    PolicyNotOffered,
    /// The credential's id belongs to another credential.
    #[error("the credential id is taken")]
    CredentialIdTaken,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A server that asks to join.
pub struct NewSender {
    /// The name that its administrator chose.
    pub name: SenderName,
    /// Its content policy; `sealed_only` where it names none.
    pub content_policy: Option<ContentPolicy>,
    /// The invite's code.
    pub invite: Option<String>,
    /// Who draws its first credential.
    pub secret: NewSecret,
}

/// A server that joined.
pub struct JoinedSender {
    /// The sender.
    pub sender: Sender,
    /// The id of its first credential.
    pub credential_id: CredentialId,
    /// Its first credential, where the relay drew it; shown once.
    pub credential: Option<String>,
    /// False for a repeated request.
    pub created: bool,
}

/// What the operator says of senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinRules {
    /// Who may join.
    pub mode: AdmissionMode,
    /// The loosest content policy that a sender may have.
    pub content_policy: ContentPolicy,
}

/// Lets servers join.
pub struct Join {
    admission: Arc<dyn Admission>,
    rules: Live<JoinRules>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Join {
    /// Lets servers join this store.
    #[must_use]
    pub fn new(
        store: &Storage,
        rules: Live<JoinRules>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { admission: Arc::clone(&store.admission), rules, clock, entropy }
    }

    /// Makes a sender with every scope on its first credential.
    pub async fn join(&self, new: NewSender) -> Result<JoinedSender, JoinError> {
        let content_policy = new.content_policy.unwrap_or(ContentPolicy::SealedOnly);
        if content_policy < self.rules.get().content_policy {
            return Err(JoinError::PolicyNotOffered);
        }
        let now = self.clock.now();
        let drawn = matches!(new.secret, NewSecret::Drawn);
        let invite = self.invite(new.invite.as_deref(), drawn, now)?;
        let Drawing { id, secret_hash, text } = new.secret.draw(&*self.entropy);
        let sender = Sender {
            id: SenderId::random(&*self.entropy),
            name: new.name,
            state: SenderState::Active,
            content_policy,
            created_day: now.day(),
        };
        let entry = AuditEntry {
            at: now,
            actor: Actor::Joining,
            action: "sender.join",
            subject: sender.id.to_string(),
            detail: detail(content_policy, invite.as_ref()),
        };
        let credential = NewCredential { id, secret_hash, scopes: Scopes::ALL, expires_at: None };
        let joining = Joining { sender, credential, invite };
        let (sender, created) = match self.admission.join(&joining, &entry).await? {
            Joined::Made => (joining.sender, true),
            Joined::Again(sender) => (sender, false),
            Joined::CredentialIdTaken => return Err(JoinError::CredentialIdTaken),
            Joined::InviteInvalid => return Err(JoinError::InviteInvalid),
            Joined::InviteUsed => return Err(JoinError::InviteUsed),
        };
        Ok(JoinedSender { sender, credential_id: id, credential: text, created })
    }

    /// The invite that was shown. One that is shown to an open relay is used up too: whoever has it was meant to.
    fn invite(
        &self,
        code: Option<&str>,
        drawn: bool,
        now: UnixMillis,
    ) -> Result<Option<ShownInvite>, JoinError> {
        let Some(code) = code else {
            return match self.rules.get().mode {
                AdmissionMode::Open => Ok(None),
                AdmissionMode::Invite => Err(JoinError::InviteNeeded),
            };
        };
        let token =
            BearerToken::parse(TokenKindPrefix::Invite, code).map_err(|_| JoinError::InviteMalformed)?;
        let again_since = drawn.then_some(now.minus(AGAIN));
        Ok(Some(ShownInvite { id: token.id(), secret_hash: token.secret_hash(), again_since }))
    }
}

fn detail(content_policy: ContentPolicy, invite: Option<&ShownInvite>) -> String {
    let by = invite
        .map_or_else(|| AdmissionMode::Open.as_str().to_owned(), |invite| format!("invite={}", invite.id));
    format!("content_policy={content_policy} {by}")
}
