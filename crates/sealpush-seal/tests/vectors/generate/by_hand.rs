//! HPKE in base mode with suite 1, written out from RFC 9180 on the primitives alone.
//!
//! Owns a second opinion on what the crate's HPKE library does, and the odd encapsulations that no library makes. Must
//! not use that library. Read next: `recipe.rs`, which seals with it.

use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::Aead as _};
use hkdf::Hkdf;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};

/// RFC 9180, section 4.1: "KEM" and the KEM's id.
const KEM_SUITE: &[u8] = b"KEM\x00\x20";
/// RFC 9180, section 5.1: "HPKE" and the ids of KEM, KDF and AEAD.
const HPKE_SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x03";

/// What the key schedule gives (RFC 9180, section 5.1).
pub struct Schedule {
    pub context: Vec<u8>,
    pub secret: [u8; 32],
    pub key: [u8; 32],
    pub base_nonce: [u8; 12],
    pub exporter_secret: [u8; 32],
}

/// `LabeledExtract` (RFC 9180, section 4).
fn extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> [u8; 32] {
    Hkdf::<Sha256>::extract(Some(salt), &[b"HPKE-v1", suite, label, ikm].concat()).0.into()
}

/// `LabeledExpand` (RFC 9180, section 4).
fn expand<const N: usize>(suite: &[u8], prk: &[u8; 32], label: &[u8], info: &[u8]) -> [u8; N] {
    let length = u16::try_from(N).unwrap().to_be_bytes();
    let mut output = [0; N];
    Hkdf::<Sha256>::from_prk(prk)
        .unwrap()
        .expand(&[&length, b"HPKE-v1".as_slice(), suite, label, info].concat(), &mut output)
        .unwrap();
    output
}

/// `DeriveKeyPair` (RFC 9180, section 7.1.3).
pub fn derive_key_pair(ikm: &[u8]) -> StaticSecret {
    let prk = extract(KEM_SUITE, b"", b"dkp_prk", ikm);
    StaticSecret::from(expand::<32>(KEM_SUITE, &prk, b"sk", b""))
}

/// `ExtractAndExpand` with `kem_context` = `enc`, receiver's public key (RFC 9180, section 4.1).
pub fn shared_secret(dh: &[u8; 32], enc: &[u8; 32], receiver: &[u8; 32]) -> [u8; 32] {
    let prk = extract(KEM_SUITE, b"", b"eae_prk", dh);
    expand(KEM_SUITE, &prk, b"shared_secret", &[enc.as_slice(), receiver].concat())
}

/// `KeySchedule` in base mode (RFC 9180, section 5.1).
pub fn key_schedule(shared_secret: &[u8; 32], info: &[u8]) -> Schedule {
    let psk_id_hash = extract(HPKE_SUITE, b"", b"psk_id_hash", b"");
    let info_hash = extract(HPKE_SUITE, b"", b"info_hash", info);
    let context = [&[0], psk_id_hash.as_slice(), &info_hash].concat();
    let secret = extract(HPKE_SUITE, shared_secret, b"secret", b"");
    Schedule {
        key: expand(HPKE_SUITE, &secret, b"key", &context),
        base_nonce: expand(HPKE_SUITE, &secret, b"base_nonce", &context),
        exporter_secret: expand(HPKE_SUITE, &secret, b"exp", &context),
        context,
        secret,
    }
}

/// Seals the first message with empty AAD, under an agreement and an `enc` that are given.
pub fn seal_under(
    dh: &[u8; 32],
    enc: &[u8; 32],
    receiver: &[u8; 32],
    info: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let schedule = key_schedule(&shared_secret(dh, enc, receiver), info);
    let nonce = schedule.base_nonce.into();
    ChaCha20Poly1305::new(&schedule.key.into()).encrypt(&nonce, plaintext).unwrap()
}

/// Seals the first message with empty AAD, with the ephemeral key that `ikm` gives; gives `enc` and the ciphertext.
pub fn seal(receiver: &[u8; 32], info: &[u8], plaintext: &[u8], ikm: &[u8; 32]) -> ([u8; 32], Vec<u8>) {
    let ephemeral = derive_key_pair(ikm);
    let enc = PublicKey::from(&ephemeral).to_bytes();
    let dh = ephemeral.diffie_hellman(&PublicKey::from(*receiver)).to_bytes();
    (enc, seal_under(&dh, &enc, receiver, info, plaintext))
}
