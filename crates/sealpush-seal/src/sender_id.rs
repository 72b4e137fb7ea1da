//! The id of a sender.
//!
//! Owns the type; must not know how a sender authenticates. Read next: [`crate::registration`], which binds a sealed
//! registration to it.

use std::{fmt, str::FromStr};

use crate::{IdError, uuid_text};

/// One self-hosted server, as the relay numbered it. Text form: a lower-case UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SenderId([u8; 16]);

impl SenderId {
    /// The id with these bytes, in the order of RFC 9562.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, in the order of RFC 9562.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for SenderId {
    type Err = IdError;

    /// Reads the lower-case 8-4-4-4-12 form and no other.
    fn from_str(text: &str) -> Result<Self, IdError> {
        uuid_text::parse(text).map(Self)
    }
}

impl fmt::Display for SenderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid_text::write(&self.0, f)
    }
}

impl fmt::Debug for SenderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SenderId({self})")
    }
}
