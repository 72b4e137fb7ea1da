//! Sealing content for one subscription.
//!
//! Owns the way from content to envelope; must not draw ids or read the clock: both come in. Read next:
//! [`crate::DeviceKeys`], the other end.

use crate::{
    DeliveryId, Envelope, IdentityKey, MAX_CONTENT, Provenance, SubscriptionId, SubscriptionPublicKey,
    header::Header,
    plaintext::{Plaintext, SIGNATURE_LENGTH, bucket_for},
    rand_core::CryptoRng,
    signed_message::signed_message,
    suite::{self, ENC_LENGTH, HpkeFailed, TAG_LENGTH},
};

/// Who seals, and by what the device knows it.
#[derive(Clone, Copy, Debug)]
pub enum Sealer<'a> {
    /// A sender, which signs with its identity key.
    Sender(&'a IdentityKey),
    /// The relay, for a sender that cannot seal. Nothing is signed.
    Relay,
}

/// Why nothing was sealed. `E` is the error of the HPKE implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError<E = HpkeFailed> {
    /// The content has more than [`MAX_CONTENT`] bytes; carries its length. Content is never cut.
    #[error("content of {0} bytes does not fit: an envelope holds at most {MAX_CONTENT}")]
    ContentTooLong(usize),
    /// The HPKE implementation failed.
    #[error("sealing failed")]
    Hpke(#[source] E),
    /// The HPKE implementation gave a ciphertext that is not 16 bytes longer than its plaintext; carries the length.
    #[error("the HPKE implementation gave a ciphertext of {0} bytes, which is not suite 1")]
    CiphertextLength(usize),
}

/// Seals content for one subscription, in the smallest bucket that holds it.
///
/// `delivery` must be new for every call: two envelopes with one delivery id are one delivery to the device, which
/// drops the second. `sealed_at_ms` is in unix milliseconds; a device refuses what is more than 28 days old or more than
/// 5 minutes ahead of its own clock.
pub fn seal(
    content: &[u8],
    subscription: SubscriptionId,
    key: &SubscriptionPublicKey,
    delivery: DeliveryId,
    sealer: Sealer<'_>,
    sealed_at_ms: u64,
    rng: &mut impl CryptoRng,
) -> Result<Envelope, SealError> {
    seal_with(content, subscription, key, delivery, sealer, sealed_at_ms, |key, info, plaintext| {
        suite::seal(key.as_bytes(), info, plaintext, rng)
    })
}

/// Does what [`seal`] does with an HPKE implementation of the caller's.
///
/// `hpke` gets the recipient's key, `info` and the padded plaintext, and must do a single-shot seal of RFC 9180 in base
/// mode with suite 1 (KEM 0x0020, KDF 0x0001, AEAD 0x0003), empty AAD and a fresh encapsulation. It gives `enc` and the
/// ciphertext with its tag.
pub fn seal_with<E>(
    content: &[u8],
    subscription: SubscriptionId,
    key: &SubscriptionPublicKey,
    delivery: DeliveryId,
    sealer: Sealer<'_>,
    sealed_at_ms: u64,
    hpke: impl FnOnce(&SubscriptionPublicKey, &[u8], &[u8]) -> Result<([u8; ENC_LENGTH], Vec<u8>), E>,
) -> Result<Envelope, SealError<E>> {
    let bucket = bucket_for(content.len()).ok_or(SealError::ContentTooLong(content.len()))?;
    let header = Header::new(delivery);
    let (provenance, signature) = match sealer {
        Sealer::Relay => (Provenance::SealedByRelay, [0; SIGNATURE_LENGTH]),
        Sealer::Sender(identity) => {
            let message = signed_message(&header, subscription, key, sealed_at_ms, content);
            (Provenance::SignedBySender, identity.sign(&message))
        }
    };
    let plaintext = Plaintext { provenance, signature: &signature, sealed_at_ms, content }.encode(bucket);
    let (enc, ciphertext) = hpke(key, &header.info(subscription), &plaintext).map_err(SealError::Hpke)?;
    if ciphertext.len() != bucket + TAG_LENGTH {
        return Err(SealError::CiphertextLength(ciphertext.len()));
    }
    Ok(Envelope::assemble(&header, &enc, &ciphertext))
}

#[cfg(test)]
mod tests {
    use super::{SealError, Sealer, seal_with};
    use crate::{BUCKETS, DeliveryId, SubscriptionId, SubscriptionPrivateKey};

    /// Seals nothing, by an HPKE implementation that does what the test says.
    fn seal_by(
        answer: Result<([u8; 32], Vec<u8>), &'static str>,
    ) -> Result<crate::Envelope, SealError<&'static str>> {
        let key = SubscriptionPrivateKey::from_bytes(&[1; 32]).public();
        let (subscription, delivery) = (SubscriptionId::from_bytes([2; 16]), DeliveryId::from_bytes([3; 16]));
        seal_with(b"", subscription, &key, delivery, Sealer::Relay, 0, |given, info, plaintext| {
            assert_eq!((given, info.len(), plaintext.len()), (&key, 53, BUCKETS[0]));
            answer
        })
    }

    #[test]
    fn what_another_implementation_gives_goes_into_the_envelope() {
        let envelope = seal_by(Ok(([5; 32], vec![6; 272]))).unwrap();
        let expected = [[1, 1].as_slice(), &[3; 16], &[5; 32], &[6; 272]].concat();
        assert_eq!(envelope.as_bytes(), expected);
    }

    #[test]
    fn a_failure_of_another_implementation_is_handed_on() {
        assert_eq!(seal_by(Err("no")), Err(SealError::Hpke("no")));
    }

    #[test]
    fn a_ciphertext_of_another_suite_is_refused() {
        assert_eq!(seal_by(Ok(([5; 32], vec![6; 273]))), Err(SealError::CiphertextLength(273)));
    }
}
