//! An id: 16 bytes that are written as a lower-case UUID.
//!
//! Owns what ids of all kinds have in common; must not know who may see an id: that stands beside each kind's own name.
//! Read next: `kind.rs`, then [`crate::SubscriptionId`].

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
};

use crate::{
    IdError,
    kind::{DrawnByDevice, Kind},
    rand_core::CryptoRng,
    uuid_text,
};

/// The id of a `K`. Text form: a lower-case UUID.
// Its traits are written out below, since derived ones would ask the same of `K`, which has no values.
pub struct Id<K> {
    bytes: [u8; 16],
    of: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// The id with these bytes, in the order of RFC 9562.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, of: PhantomData }
    }

    /// The 16 bytes, in the order of RFC 9562.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

impl<K: DrawnByDevice> Id<K> {
    /// Draws a new id: a random UUID (RFC 9562, section 5.4).
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self::from_bytes(uuid_text::random_version_4(rng))
    }

    /// Whether the id is a random UUID (version 4), as the protocol wants it of ids that a device draws.
    #[must_use]
    pub fn is_version_4(&self) -> bool {
        uuid_text::is_version_4(&self.bytes)
    }
}

impl<K> FromStr for Id<K> {
    type Err = IdError;

    /// Reads the lower-case 8-4-4-4-12 form and no other.
    fn from_str(text: &str) -> Result<Self, IdError> {
        uuid_text::parse(text).map(Self::from_bytes)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid_text::write(&self.bytes, f)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Id({self})", K::NAME)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use crate::{DeliveryId, SenderId, SubscriptionId, registration::RegistrationId};

    #[test]
    fn an_id_prints_what_it_is_of() {
        let text = "00112233-4455-6677-8899-aabbccddeeff";
        let sender: SenderId = text.parse().unwrap();
        let bytes = *sender.as_bytes();
        assert_eq!(sender.to_string(), text);
        assert_eq!(format!("{sender:?}"), format!("SenderId({text})"));
        assert_eq!(format!("{:?}", DeliveryId::from_bytes(bytes)), format!("DeliveryId({text})"));
        assert_eq!(format!("{:?}", SubscriptionId::from_bytes(bytes)), format!("SubscriptionId({text})"));
        assert_eq!(format!("{:?}", RegistrationId::from_bytes(bytes)), format!("RegistrationId({text})"));
    }

    #[test]
    fn ids_are_ordered_as_their_texts_are() {
        let (low, high) = (SenderId::from_bytes([0x0f; 16]), SenderId::from_bytes([0xf0; 16]));
        assert!(low < high && low.to_string() < high.to_string());
    }
}
