//! The id of a registration.
//!
//! Owns the name; must not be shown to a sender. Read next: [`super::RegistrationPlaintext`], which carries it.

use crate::{id::Id, kind::Registration};

/// A device token's place at the relay, drawn by the device and never shown to the sender. Text form: a lower-case UUID.
pub type RegistrationId = Id<Registration>;
