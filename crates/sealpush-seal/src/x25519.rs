//! X25519 keys (RFC 7748) as the KEM of suite 1 takes them.
//!
//! Owns the check of public keys and the clamped private scalar; must not know what a key is for: the public types
//! around these two keep subscription keys and registration keys apart. Read next: `suite.rs`.

use hpke::{Deserializable, Kem as _, Serializable};
use zeroize::Zeroizing;

use crate::{PublicKeyError, field, rand_core::CryptoRng, suite::Kem};

/// The coordinates below the prime whose points have low order, little endian: 0, 1, the two of order 8, and -1 (of
/// order 4 on the twist). RFC 7748, section 6.1 leaves the check to the protocol.
const LOW_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
        0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
];

/// Refuses what nobody may seal to. Constant-time comparison is not needed: public keys are no secret.
pub(crate) fn check_public(bytes: &[u8; 32]) -> Result<(), PublicKeyError> {
    if !field::is_below_prime(bytes) {
        return Err(PublicKeyError::NotBelowPrime);
    }
    if LOW_ORDER.contains(bytes) {
        return Err(PublicKeyError::LowOrder);
    }
    Ok(())
}

/// A private scalar, clamped, wiped on drop.
#[derive(Clone)]
pub(crate) struct PrivateKey(pub(crate) <Kem as hpke::Kem>::PrivateKey);

impl PrivateKey {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Kem::gen_keypair_with_rng(rng).0)
    }

    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Self {
        // RFC 9180, section 7.1.2: every 32 bytes are a private key of X25519, clamped when they are read.
        Self(Deserializable::from_bytes(bytes).expect("32 bytes are an X25519 private key"))
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.0.write_exact(bytes.as_mut_slice());
        bytes
    }

    pub(crate) fn public(&self) -> [u8; 32] {
        Kem::sk_to_pk(&self.0).to_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{LOW_ORDER, PrivateKey, check_public};
    use crate::{PublicKeyError, suite};

    #[test]
    fn each_listed_point_agrees_on_the_secret_that_hpke_refuses() {
        let private = PrivateKey::from_bytes(&[7; 32]);
        for point in LOW_ORDER {
            assert_eq!(check_public(&point), Err(PublicKeyError::LowOrder));
            // RFC 9180, section 7.1.4: decapsulation fails on an all-zero secret, before any AEAD runs.
            assert!(suite::agrees_on_zero(&private, &point), "{point:02x?}");
        }
    }

    #[test]
    fn second_spellings_of_a_coordinate_are_refused() {
        for top in [0x80, 0xff] {
            let mut nine = [0; 32];
            (nine[0], nine[31]) = (9, top);
            assert_eq!(check_public(&nine), Err(PublicKeyError::NotBelowPrime));
        }
    }

    #[test]
    fn a_private_key_is_kept_clamped() {
        let clamped = PrivateKey::from_bytes(&[0xff; 32]).to_bytes();
        assert_eq!((clamped[0], clamped[31]), (0xf8, 0x7f));
        assert_eq!(PrivateKey::from_bytes(&clamped).public(), PrivateKey::from_bytes(&[0xff; 32]).public());
    }
}
