//! What is inside an envelope: arbitrary bytes, sealed as they are, open to content that lies within them or not at all.

#![no_main]

use std::convert::Infallible;

use hpke::{
    Deserializable as _, OpModeS, Serializable as _,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
    rand_core::{TryCryptoRng, TryRng},
};
use libfuzzer_sys::fuzz_target;
use sealpush_seal::{
    DeliveryId, DeviceKeys, Provenance, Sealer, SeenInMemory, SubscriptionId, SubscriptionPrivateKey,
    seal_with,
};

/// One ephemeral key for every input, so that an input does the same each time.
struct Constant;

impl TryRng for Constant {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(7)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(7)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(7);
        Ok(())
    }
}

impl TryCryptoRng for Constant {}

fuzz_target!(|bytes: &[u8]| {
    let (private, subscription) =
        (SubscriptionPrivateKey::from_bytes(&[2; 32]), SubscriptionId::from_bytes([3; 16]));
    let (key, delivery) = (private.public(), DeliveryId::from_bytes([4; 16]));
    let mut inside = bytes.to_vec();
    let envelope = seal_with(b"", subscription, &key, delivery, Sealer::Relay, 0, |key, info, plaintext| {
        // The layout of the smallest bucket, with the input in place of what was written.
        inside.resize(plaintext.len(), 0);
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(key.as_bytes())?;
        let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeS::Base,
            &key,
            info,
            &inside,
            b"",
            &mut Constant,
        )?;
        Ok::<_, hpke::HpkeError>((enc.to_bytes().into(), ciphertext))
    });
    let envelope = envelope.expect("HPKE seals every plaintext");
    let sealed_at_ms = u64::from_be_bytes(inside[65..73].try_into().expect("8 bytes"));
    let keys = DeviceKeys::new(subscription, private, None);
    if let Ok(opened) = keys.open(&envelope, sealed_at_ms, &mut SeenInMemory::new()) {
        assert_eq!(opened.provenance, Provenance::SealedByRelay);
        let fields = [&[0; 65], &inside[65..73], &inside[73..75], &opened.content].concat();
        assert_eq!(inside[..fields.len()], fields);
        assert!(inside[fields.len()..].iter().all(|&byte| byte == 0));
    }
});
