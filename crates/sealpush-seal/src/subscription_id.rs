//! The id of a subscription.
//!
//! Owns the type; must not know who holds which subscription. Read next: [`crate::seal`], which binds an envelope to it.

use std::{fmt, str::FromStr};

use crate::{IdError, rand_core::CryptoRng, uuid_text};

/// One sender's right to reach one registration: a random id, drawn by the device, so that two senders cannot tell
/// that they reach the same device. Text form: a lower-case UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId([u8; 16]);

impl SubscriptionId {
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

impl FromStr for SubscriptionId {
    type Err = IdError;

    /// Reads the lower-case 8-4-4-4-12 form and no other.
    fn from_str(text: &str) -> Result<Self, IdError> {
        uuid_text::parse(text).map(Self)
    }
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid_text::write(&self.0, f)
    }
}

impl fmt::Debug for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubscriptionId({self})")
    }
}
