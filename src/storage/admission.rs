//! The narrow trait of admission: invites, and how servers join.

use async_trait::async_trait;

use super::{ActError, NewCredential, StorageError};
use crate::base::UnixMillis;
use crate::model::{AuditEntry, Invite, InviteId, SecretHash, Sender};

/// An invite to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewInvite {
    /// Its id.
    pub id: InviteId,
    /// SHA-256 of its secret.
    pub secret_hash: SecretHash,
    /// Until when it can be used.
    pub expires_at: UnixMillis,
}

/// An invite's code, as somebody showed it.
#[derive(Debug, Clone, Copy)]
pub struct ShownInvite {
    /// Its id.
    pub id: InviteId,
    /// SHA-256 of the secret that was shown.
    pub secret_hash: SecretHash,
    /// Where the invite was used after this, and nobody has used the credential that it made, that credential may be
    /// replaced by the new one: its holder never got the answer. `None` where the holder drew the credential.
    pub again_since: Option<UnixMillis>,
}

/// A server that wants to be a sender.
#[derive(Debug, Clone)]
pub struct Joining {
    /// As it will be.
    pub sender: Sender,
    /// Its first credential.
    pub credential: NewCredential,
    /// By which invite; `None` where the relay is open.
    pub invite: Option<ShownInvite>,
}

/// What came of a server that wanted to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// It is a sender now.
    Made,
    /// It was one already: this is a repeated request, and the credential counts.
    Again(Sender),
    /// Another credential has this id.
    CredentialIdTaken,
    /// There is no such invite, or it has expired.
    InviteInvalid,
    /// The invite was used.
    InviteUsed,
}

/// Invites, and how servers join.
#[async_trait]
pub trait Admission: Send + Sync {
    /// Stores invites, all or none.
    async fn invite(&self, invites: &[NewInvite], audit: &AuditEntry) -> Result<(), ActError>;

    /// Invites in the order of their ids, after `after`, at most `limit`; those of late use too.
    async fn invites(&self, after: Option<InviteId>, limit: u32) -> Result<Vec<Invite>, StorageError>;

    /// Erases an invite that was not used. False where there is none.
    async fn revoke_invite(&self, id: InviteId, audit: &AuditEntry) -> Result<bool, ActError>;

    /// Makes a sender with its first credential at the time of `audit`, using up its invite. `audit` is about the
    /// new sender; of a repeated request it is written about the sender that is there, where anything changes.
    async fn join(&self, joining: &Joining, audit: &AuditEntry) -> Result<Joined, StorageError>;

    /// Erases invites that expired at `now` unused, and those used before `used_before`, at most `limit`. How many
    /// there were.
    async fn forget_invites(
        &self,
        now: UnixMillis,
        used_before: UnixMillis,
        limit: u32,
    ) -> Result<u64, StorageError>;
}
