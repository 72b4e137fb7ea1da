//! What a sender signs, and a device verifies.
//!
//! Owns the order of the fields; every one but the last has a fixed length, so no two messages share their bytes. Must
//! not hold a key. Read next: [`crate::IdentityKey`].

use zeroize::Zeroizing;

use crate::{SubscriptionId, SubscriptionPublicKey, header::Header};

/// A text of its own for each use of a signing key, so that no signature holds for another use.
const LABEL: &[u8] = b"sealpush/1 signature\0";

/// Label, one zero byte, bytes 0..18 of the envelope, subscription id (16), subscription public key (32), time (8),
/// content. The public key is in it so that a signed content cannot be sealed again to another key of the subscription.
pub(crate) fn signed_message(
    header: &Header,
    subscription: SubscriptionId,
    key: &SubscriptionPublicKey,
    sealed_at_ms: u64,
    content: &[u8],
) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(
        [
            LABEL,
            header.as_bytes(),
            subscription.as_bytes(),
            key.as_bytes(),
            &sealed_at_ms.to_be_bytes(),
            content,
        ]
        .concat(),
    )
}
