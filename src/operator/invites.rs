//! Makes, lists and revokes invites.

use super::{Operator, PAGE};
use crate::base::UnixMillis;
use crate::model::{Actor, BearerToken, Invite, InviteId, Lifetime, TokenKindPrefix};
use crate::storage::{ActError, NewInvite, StorageError};

/// The most invites that are made at once.
pub const MOST_INVITES: u32 = 100;

/// Why nothing was made, listed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// None, or more than [`MOST_INVITES`].
    #[error("1 to {MOST_INVITES} invites are made at once")]
    Count,
    /// There is none with this id, or it was used.
    #[error("there is no unused invite {0}")]
    NoSuchInvite(InviteId),
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The store could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// An invite that was just made.
pub struct NewInviteCode {
    /// Its id.
    pub id: InviteId,
    /// Its code, by which one server joins. It is shown once: the store keeps a hash.
    pub code: String,
    /// Until when it can be used.
    pub expires_at: UnixMillis,
}

/// Some invites, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitePage {
    /// At most [`PAGE`].
    pub invites: Vec<Invite>,
    /// Where the next page begins, if there is one: after this invite.
    pub next: Option<InviteId>,
}

impl Operator {
    /// Makes `count` invites, each for one server.
    pub async fn add_invites(
        &self,
        by: Actor,
        count: u32,
        lifetime: Lifetime,
    ) -> Result<Vec<NewInviteCode>, InviteError> {
        if !(1..=MOST_INVITES).contains(&count) {
            return Err(InviteError::Count);
        }
        let expires_at = self.clock.now().plus(lifetime.duration());
        let (mut stored, mut shown) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let id = InviteId::random(&*self.entropy);
            let token = BearerToken::draw(id, &*self.entropy);
            stored.push(NewInvite { id, secret_hash: token.secret_hash(), expires_at });
            shown.push(NewInviteCode { id, code: token.reveal(TokenKindPrefix::Invite), expires_at });
        }
        // The store writes an entry for each.
        let entry = self.entry(by, "invite.add", "", format!("expires_at={expires_at}"));
        self.admission.invite(&stored, &entry).await?;
        Ok(shown)
    }

    /// The invites after `after`, or from the first on; used ones for an hour after their use.
    pub async fn list_invites(&self, after: Option<InviteId>) -> Result<InvitePage, InviteError> {
        // One more than is shown tells whether there is a next page.
        let mut invites = self.admission.invites(after, PAGE + 1).await?;
        let more = invites.len() > PAGE as usize;
        invites.truncate(PAGE as usize);
        let next = if more { invites.last().map(|invite| invite.id) } else { None };
        Ok(InvitePage { invites, next })
    }

    /// Takes an invite back that nobody has used.
    pub async fn revoke_invite(&self, by: Actor, id: InviteId) -> Result<(), InviteError> {
        let entry = self.entry(by, "invite.revoke", id, String::new());
        let revoked = self.admission.revoke_invite(id, &entry).await?;
        if revoked { Ok(()) } else { Err(InviteError::NoSuchInvite(id)) }
    }
}
