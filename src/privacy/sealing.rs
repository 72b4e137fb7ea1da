//! The relay's own sealing step: HPKE by rustls' aws-lc-rs, several times cheaper than the portable crate.
//!
//! Owns nothing but the call: the envelope's shape, its `info` and its plaintext are `sealpush-seal`'s, whose
//! vectors this implementation must open too (see the tests). Must not keep a context: a fresh encapsulation
//! for each envelope, because push loses and reorders.

use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_CHACHA20_POLY1305 as HPKE;
use rustls::crypto::hpke::{Hpke, HpkePublicKey};

use crate::base::UnixMillis;
use crate::model::{DeliveryId, Payload, RelayKey, SubscriptionId};

/// Seals `content` (at most [`super::MAX_CONTENT`] bytes) in memory, for a device whose app asked for it.
/// Provenance 0: the device shows it as "sealed by the relay".
pub(super) fn seal(
    content: &[u8],
    subscription: SubscriptionId,
    key: &RelayKey,
    delivery: DeliveryId,
    now: UnixMillis,
) -> Payload {
    let encapsulate = |key: &RelayKey, info: &[u8], plaintext: &[u8]| {
        let (enc, ciphertext) = HPKE.seal(info, b"", plaintext, &HpkePublicKey(key.as_bytes().to_vec()))?;
        let enc = enc.0.try_into().map_err(|_| rustls::Error::General("enc is 32 bytes".into()))?;
        Ok::<_, rustls::Error>((enc, ciphertext))
    };
    let envelope = sealpush_seal::seal_with(
        content,
        sealpush_seal::SubscriptionId::from_bytes(*subscription.as_bytes()),
        key,
        sealpush_seal::DeliveryId::from_bytes(*delivery.as_bytes()),
        sealpush_seal::Sealer::Relay,
        u64::try_from(now.0).unwrap_or(0),
        encapsulate,
    )
    .expect("the content's size and the key were checked before, so that sealing cannot fail");
    Payload::Sealed { envelope, by_relay: true }
}
