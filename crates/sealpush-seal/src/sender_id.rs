//! The id of a sender.
//!
//! Owns the name; must not know how a sender authenticates. Read next: [`crate::registration`], which binds a sealed
//! registration to it.

use crate::{id::Id, kind::Sender};

/// One self-hosted server, as the relay numbered it. Text form: a lower-case UUID.
pub type SenderId = Id<Sender>;
