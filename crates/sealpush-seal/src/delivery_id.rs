//! The id of a delivery, the only id that a push service sees.
//!
//! Owns the name and how such an id is drawn; must not carry anything that two deliveries have in common. Read next:
//! [`crate::Envelope`].

use crate::{id::Id, kind::Delivery, rand_core::CryptoRng};

/// One notification on its way to one subscription. Drawn by whoever seals, new for every target, so that a push service
/// learns from it neither sender nor notification. Text form: a lower-case UUID.
pub type DeliveryId = Id<Delivery>;

impl DeliveryId {
    /// Draws a new id: 16 random bytes. They bear no UUID version, since a push service sees them and should learn nothing.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self::from_bytes(bytes)
    }
}
