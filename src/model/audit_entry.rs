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

/// One administrative change. Written in the transaction that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: UnixMillis,
    /// By whom.
    pub actor: Actor,
    /// What was done, as `noun.verb` (`sender.add`, `sender.suspend`).
    pub action: &'static str,
    /// To whom: an id, never a name, a token or an address.
    pub subject: String,
    /// What changed, where that is more than the action says (`content_policy=seal_or_omit`).
    pub detail: String,
}
