//! The id of a delivery, the only id that a push service sees.
//!
//! Owns the type; must not carry anything that two deliveries have in common. Read next: [`crate::Envelope`].

use std::{fmt, str::FromStr};

use crate::{IdError, rand_core::CryptoRng, uuid_text};

/// One notification on its way to one subscription. Drawn by whoever seals, new for every target, so that a push service
/// learns from it neither sender nor notification. Text form: a lower-case UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId([u8; 16]);

impl DeliveryId {
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

    /// Draws a new id: 16 random bytes. They bear no UUID version, since a push service sees them and should learn nothing.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl FromStr for DeliveryId {
    type Err = IdError;

    /// Reads the lower-case 8-4-4-4-12 form and no other.
    fn from_str(text: &str) -> Result<Self, IdError> {
        uuid_text::parse(text).map(Self)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid_text::write(&self.0, f)
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({self})")
    }
}
