//! Invites: by each, one sender joins the relay.

use super::InviteId;
use crate::base::UnixMillis;

/// An invite, as it is listed: its code is not there, not even as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invite {
    /// Its id, the first half of its code.
    pub id: InviteId,
    /// Until when it can be used.
    pub expires_at: UnixMillis,
    /// Whether it was used.
    pub used: bool,
}
