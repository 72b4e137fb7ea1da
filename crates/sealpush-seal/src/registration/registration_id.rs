//! The id of a registration.
//!
//! Owns the type; must not be shown to a sender. Read next: [`super::RegistrationPlaintext`], which carries it.

use std::{fmt, str::FromStr};

use crate::{IdError, rand_core::CryptoRng, uuid_text};

/// A device token's place at the relay, drawn by the device and never shown to the sender. Text form: a lower-case UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistrationId([u8; 16]);

impl RegistrationId {
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

    /// Draws a new id: a random UUID (RFC 9562, section 5.4).
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(uuid_text::random_version_4(rng))
    }

    /// Whether the id is a random UUID (version 4), as the protocol wants it of ids that a device draws.
    #[must_use]
    pub fn is_version_4(&self) -> bool {
        uuid_text::is_version_4(&self.0)
    }
}

impl FromStr for RegistrationId {
    type Err = IdError;

    /// Reads the lower-case 8-4-4-4-12 form and no other.
    fn from_str(text: &str) -> Result<Self, IdError> {
        uuid_text::parse(text).map(Self)
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid_text::write(&self.0, f)
    }
}

impl fmt::Debug for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationId({self})")
    }
}
