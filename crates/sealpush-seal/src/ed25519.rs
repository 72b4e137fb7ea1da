//! Ed25519 (RFC 8032) with the strictest check of keys and signatures that the library has.
//!
//! Owns signing and verifying; must not know what is signed: each message begins with a text of its own, so that a
//! signature made for one use never holds for another. Read next: `signed_message.rs`.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::{PublicKeyError, field, rand_core::CryptoRng};

/// A signing key; the library wipes it on drop.
#[derive(Clone)]
pub(crate) struct PrivateKey(SigningKey);

impl PrivateKey {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_bytes(&seed)
    }

    pub(crate) fn from_bytes(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// A verifying key that passed the checks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PublicKey(VerifyingKey);

impl PublicKey {
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PublicKeyError> {
        // RFC 8032, section 5.1.2: the top bit is the sign of x and not a part of the number.
        let mut y = *bytes;
        y[31] &= 0x7f;
        if !field::is_below_prime(&y) {
            return Err(PublicKeyError::NotBelowPrime);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| PublicKeyError::NotOnCurve)?;
        // With a key of low order one signature holds for almost every message.
        if key.is_weak() {
            return Err(PublicKeyError::LowOrder);
        }
        Ok(Self(key))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        // RFC 8032, section 5.1.7, and beyond it: R of low order is refused, so that a signature has one reading in
        // every library.
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{PrivateKey, PublicKey};
    use crate::PublicKeyError;

    #[test]
    fn the_second_vector_of_the_rfc_holds() {
        // RFC 8032, section 7.1, TEST 2.
        let seed = hex::decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let private = PrivateKey::from_bytes(seed.as_slice().try_into().unwrap());
        let signature = private.sign(&[0x72]);
        let (key, start) = (hex::encode(private.public().as_bytes()), hex::encode(&signature[..8]));
        assert_eq!(key, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(start, "92a009a9f0d4cab8");
        assert!(private.public().verifies(&[0x72], &signature));
        assert!(!private.public().verifies(&[0x73], &signature));
    }

    #[test]
    fn keys_that_hold_for_every_message_or_have_two_spellings_are_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        assert_eq!(PublicKey::from_bytes(&one).err(), Some(PublicKeyError::LowOrder));
        assert_eq!(PublicKey::from_bytes(&[0xff; 32]).err(), Some(PublicKeyError::NotBelowPrime));
        let mut two = [0; 32];
        two[0] = 2;
        assert_eq!(PublicKey::from_bytes(&two).err(), Some(PublicKeyError::NotOnCurve));
    }
}
