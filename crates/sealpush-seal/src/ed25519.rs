//! Ed25519 (RFC 8032) with the strictest check of keys and signatures that the library has.
//!
//! Owns signing and verifying for every purpose; must not know what is signed: each message begins with a text of its own,
//! so that a signature made for one use never holds for another, and each purpose has key types of its own. Read next:
//! `signed_message.rs`.

use std::{fmt, marker::PhantomData};

use ed25519_dalek::{self as dalek, Signature, Signer as _};
use zeroize::Zeroizing;

use crate::{PublicKeyError, base64url, field, kind::Kind, rand_core::CryptoRng};

/// A key that signs for the purpose `P`. It is wiped when dropped (by the library) and does not print.
pub struct SigningKey<P> {
    key: dalek::SigningKey,
    purpose: PhantomData<fn() -> P>,
}

impl<P> SigningKey<P> {
    /// Draws a new key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_bytes(&seed)
    }

    /// Takes the 32-byte seed (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        Self { key: dalek::SigningKey::from_bytes(seed), purpose: PhantomData }
    }

    /// The 32-byte seed, for its owner's own key file and nowhere else: whoever holds it signs as the owner.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The public half, for the app.
    #[must_use]
    pub fn public(&self) -> VerifyingKey<P> {
        VerifyingKey { key: self.key.verifying_key(), purpose: PhantomData }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl<P> Clone for SigningKey<P> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), purpose: PhantomData }
    }
}

impl<P: Kind> fmt::Debug for SigningKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Key(..)", P::NAME)
    }
}

/// A key that verifies what the [`SigningKey`] of the same purpose signed: 32 bytes, not of low order and below the prime.
pub struct VerifyingKey<P> {
    key: dalek::VerifyingKey,
    purpose: PhantomData<fn() -> P>,
}

impl<P> VerifyingKey<P> {
    /// Takes the 32 bytes (RFC 8032, section 5.1.2), or says what is wrong with them.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        // RFC 8032, section 5.1.2: the top bit is the sign of x and not a part of the number.
        let mut y = bytes;
        y[31] &= 0x7f;
        if !field::is_below_prime(&y) {
            return Err(PublicKeyError::NotBelowPrime);
        }
        let key = dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| PublicKeyError::NotOnCurve)?;
        // With a key of low order one signature holds for almost every message.
        if key.is_weak() {
            return Err(PublicKeyError::LowOrder);
        }
        Ok(Self { key, purpose: PhantomData })
    }

    /// Reads the key from base64url, as it stands in JSON.
    pub fn from_base64url(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_bytes(field::from_base64url(text)?)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The key in base64url: 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(self.as_bytes())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        // RFC 8032, section 5.1.7, and beyond it: R of low order is refused, so that a signature has one reading in
        // every library.
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl<P> Clone for VerifyingKey<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for VerifyingKey<P> {}

impl<P> PartialEq for VerifyingKey<P> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<P> Eq for VerifyingKey<P> {}

impl<P: Kind> fmt::Debug for VerifyingKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}PublicKey({})", P::NAME, self.to_base64url())
    }
}

#[cfg(test)]
mod tests {
    use crate::{IdentityKey, IdentityPublicKey, PublicKeyError, registration::LongTermKey};

    #[test]
    fn the_second_vector_of_the_rfc_holds() {
        // RFC 8032, section 7.1, TEST 2.
        let seed = hex::decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let private = IdentityKey::from_bytes(seed.as_slice().try_into().unwrap());
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
        assert_eq!(IdentityPublicKey::from_bytes(one).err(), Some(PublicKeyError::LowOrder));
        assert_eq!(IdentityPublicKey::from_bytes([0xff; 32]).err(), Some(PublicKeyError::NotBelowPrime));
        let mut two = [0; 32];
        two[0] = 2;
        assert_eq!(IdentityPublicKey::from_bytes(two).err(), Some(PublicKeyError::NotOnCurve));
    }

    #[test]
    fn a_signing_key_prints_its_purpose_and_nothing_of_itself() {
        let (identity, long_term) = (IdentityKey::from_bytes(&[7; 32]), LongTermKey::from_bytes(&[7; 32]));
        assert_eq!(format!("{identity:?} {long_term:?}"), "IdentityKey(..) LongTermKey(..)");
        let text = identity.public().to_base64url();
        assert_eq!(format!("{:?}", identity.public()), format!("IdentityPublicKey({text})"));
        assert_eq!(format!("{:?}", long_term.public()), format!("LongTermPublicKey({text})"));
    }
}
