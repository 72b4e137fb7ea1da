//! What comes out of an envelope.
//!
//! Owns the type; must not print the content. Read next: [`crate::DeviceKeys::open`].

use std::fmt;

use zeroize::Zeroizing;

use crate::{DeliveryId, Provenance};

/// An opened envelope. Its content is wiped when dropped and does not print.
pub struct Opened {
    /// What was sealed.
    pub content: Zeroizing<Vec<u8>>,
    /// Who sealed it.
    pub provenance: Provenance,
    /// When, in unix milliseconds, by the clock of whoever sealed.
    pub sealed_at_ms: u64,
    /// The delivery that it came by.
    pub delivery: DeliveryId,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({}, {:?}, {} bytes)", self.delivery, self.provenance, self.content.len())
    }
}
