//! The relay's long-term key: it signs the registration keys that the relay publishes.
//!
//! Owns the two types, which differ from a sender's identity key so that neither is ever taken for the other; must not
//! sign anything else. Read next: [`super::PublishedKey`].

use std::fmt;

use zeroize::Zeroizing;

use crate::{PublicKeyError, base64url, ed25519, field, rand_core::CryptoRng};

/// The public half of the relay's long-term key, which the app has in its build: 32 bytes of Ed25519, not of low order and below the prime.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LongTermPublicKey(ed25519::PublicKey);

impl LongTermPublicKey {
    /// Takes the 32 bytes (RFC 8032, section 5.1.2), or says what is wrong with them.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        ed25519::PublicKey::from_bytes(&bytes).map(Self)
    }

    /// Reads the key from base64url, as it stands in JSON.
    pub fn from_base64url(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_bytes(field::from_base64url(text)?)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The key in base64url: 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(self.as_bytes())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verifies(message, signature)
    }
}

impl fmt::Debug for LongTermPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LongTermPublicKey({})", self.to_base64url())
    }
}

/// The relay's long-term key (Ed25519). It is wiped when dropped and does not print.
#[derive(Clone)]
pub struct LongTermKey(ed25519::PrivateKey);

impl LongTermKey {
    /// Draws a new key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(ed25519::PrivateKey::generate(rng))
    }

    /// Takes the 32-byte seed (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        Self(ed25519::PrivateKey::from_bytes(seed))
    }

    /// The 32-byte seed, for the relay's own key file and nowhere else: whoever holds it can hand apps a false registration key.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }

    /// The public half, for the app's build.
    #[must_use]
    pub fn public(&self) -> LongTermPublicKey {
        LongTermPublicKey(self.0.public())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }
}

impl fmt::Debug for LongTermKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LongTermKey(..)")
    }
}
