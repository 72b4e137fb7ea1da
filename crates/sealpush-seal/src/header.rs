//! The first 18 bytes of an envelope: version, suite, delivery id. Everybody on the way may read them, and everything
//! sealed is bound to them.
//!
//! Owns their layout and the `info` that binds; must not look at the sealed part. Read next: `plaintext.rs`.

use crate::{DeliveryId, SubscriptionId};

/// The one version of the envelope.
pub(crate) const VERSION: u8 = 1;
/// The one suite; 2 is reserved for a post-quantum hybrid.
pub(crate) const SUITE: u8 = 1;
pub(crate) const HEADER_LENGTH: usize = 18;

/// Named in `info`, so that nothing sealed under this protocol for another use opens as content.
const INFO_LABEL: &[u8] = b"sealpush/1 content\0";

/// Version, suite, delivery id: bytes 0..18 of the envelope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header([u8; HEADER_LENGTH]);

impl Header {
    pub(crate) fn new(delivery: DeliveryId) -> Self {
        let mut bytes = [0; HEADER_LENGTH];
        (bytes[0], bytes[1]) = (VERSION, SUITE);
        bytes[2..].copy_from_slice(delivery.as_bytes());
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; HEADER_LENGTH] {
        &self.0
    }

    /// HPKE's `info`: the label, one zero byte, the header, the subscription id. An envelope that was moved to another
    /// subscription, delivery or suite does not open.
    pub(crate) fn info(&self, subscription: SubscriptionId) -> Vec<u8> {
        [INFO_LABEL, &self.0, subscription.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::Header;
    use crate::{DeliveryId, SubscriptionId};

    #[test]
    fn info_is_label_zero_header_subscription() {
        let info =
            Header::new(DeliveryId::from_bytes([0xdd; 16])).info(SubscriptionId::from_bytes([0x55; 16]));
        assert_eq!(info, [b"sealpush/1 content\0\x01\x01".as_slice(), &[0xdd; 16], &[0x55; 16]].concat());
    }
}
