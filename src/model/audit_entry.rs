//! What the audit log says of an administrative change.

use crate::base::UnixMillis;

/// Who made the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The operator, at the relay's own machine (command line or operator's socket).
    Operator,
    /// A sender, by its own credential.
    Sender,
}

impl Actor {
    /// The name in the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Sender => "sender",
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
