//! What the audit log says of an administrative change.

use std::fmt;

use super::{CredentialId, OperatorTokenId};
use crate::base::UnixMillis;

/// Who made the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The operator, at the relay's own machine (command line or operator's socket).
    Operator,
    /// The operator, by one of its tokens.
    OperatorToken(OperatorTokenId),
    /// A sender, by one of its credentials.
    Sender(CredentialId),
    /// A server that becomes a sender.
    Joining,
    /// The relay itself, by a rule of its config.
    Relay,
}

impl fmt::Display for Actor {
    /// As it stands in the audit log: of a sender's credential, only that it was the sender itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::OperatorToken(id) => write!(f, "operator:{id}"),
            Self::Sender(_) | Self::Joining => f.write_str("sender"),
            Self::Relay => f.write_str("relay"),
        }
    }
}

/// What an entry says that tells of a cut.
pub(super) const CUT: &str = "audit.cut";

/// Every action that an entry can say, and what it says. None of them is about a person: subjects are ids of the relay's
/// own, or names out of the config; details are settings, ids, numbers and times. A test holds both.
pub const AUDIT_ACTIONS: &[(&str, &str)] = &[
    ("app.add", "an app was added to the config"),
    ("app.policy", "what the relay does for an app is other than it was noted last"),
    ("app.release", "an app's deliveries were let go on before their time"),
    (CUT, "entries whose time was over were cut; through which, with that one's hash"),
    ("config.reload", "a changed config was taken over; which parts"),
    ("credential.add", "a sender got a credential"),
    ("credential.remove", "a sender's credential was removed"),
    ("invite.add", "an invite was made"),
    ("invite.revoke", "an invite was revoked"),
    ("operator_token.add", "an operator's token was made"),
    ("operator_token.revoke", "an operator's token was revoked"),
    ("registration_key.rotate", "a key was added to the ring of registration keys"),
    ("relay.policy", "who is let in, how strictly and for how long is other than it was noted last"),
    ("sender.add", "the operator made a sender"),
    ("sender.change", "a sender changed its name or its content policy"),
    ("sender.erase", "a sender was erased"),
    ("sender.join", "a server became a sender"),
    ("sender.join_again", "a server whose answer was lost got another first credential"),
    ("sender.resume", "a suspended sender may use the relay again"),
    ("sender.suspend", "a sender was stopped"),
    ("sharing.lock", "the operator locked sharing off, and what was shared is erased"),
    ("sharing.off", "a sender shares a category no longer, and what was collected is erased"),
    ("sharing.on", "a sender shares a category; by which version of the wording"),
    ("storage.restore", "a backup took the place of the database"),
    ("storage_key.drop", "nothing is under the storage key before any more"),
    ("storage_key.rotate", "everything moves to a new storage key"),
    ("usage.delete", "a sender erased what was stored because it is shared"),
];

/// One administrative change. Written in the transaction that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: UnixMillis,
    /// By whom.
    pub actor: Actor,
    /// What was done: one of [`AUDIT_ACTIONS`].
    pub action: &'static str,
    /// To whom: an id, never a name, a token or an address.
    pub subject: String,
    /// What changed, where that is more than the action says (`content_policy=seal_or_omit`).
    pub detail: String,
}
