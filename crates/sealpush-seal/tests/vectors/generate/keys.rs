//! The keys and ids of the vectors: each the SHA-256 of its name, so that anybody can make them again. Publicly known,
//! and never to be used.

use sha2::{Digest as _, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};

/// 2026-11-21T01:44:00Z, the time of sealing in nearly every vector, in unix milliseconds.
pub const SEALED_AT_MS: u64 = 1_795_225_440_000;

/// 32 bytes that everybody knows by name.
pub fn seed(name: &str) -> [u8; 32] {
    Sha256::digest(format!("sealpush vectors: {name}")).into()
}

/// A random-looking UUID of version 4.
pub fn uuid(name: &str) -> [u8; 16] {
    let mut bytes: [u8; 16] = seed(name)[..16].try_into().unwrap();
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    bytes
}

/// 16 bytes in lower-case 8-4-4-4-12 form.
pub fn uuid_text(bytes: &[u8; 16]) -> String {
    let digits = hex::encode(bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// The public half of an X25519 key.
pub fn x25519_public(private: &[u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*private)).to_bytes()
}

/// The public half of an Ed25519 key.
pub fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Ed25519 (RFC 8032), which is deterministic.
pub fn ed25519_sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    use ed25519_dalek::Signer as _;
    ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_bytes()
}
