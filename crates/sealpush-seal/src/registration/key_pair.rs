//! The relay's registration key: apps seal registrations to it.
//!
//! Owns the two types and the key id; must not decide how long a key is valid. Read next: [`super::PublishedKey`].

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{PublicKeyError, base64url, field, rand_core::CryptoRng, x25519};

/// Names a registration key on the wire: the first 8 bytes of the SHA-256 of its public half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The public half of a registration key: 32 bytes of X25519, not of low order and below the prime.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RegistrationPublicKey([u8; 32]);

impl RegistrationPublicKey {
    /// Takes the 32 bytes (RFC 7748, section 5), or says why nobody may seal to them.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        x25519::check_public(&bytes)?;
        Ok(Self(bytes))
    }

    /// Reads the key from base64url, as it stands in JSON.
    pub fn from_base64url(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_bytes(field::from_base64url(text)?)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key in base64url: 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(&self.0)
    }

    /// The key's name on the wire.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let mut first = [0; 8];
        first.copy_from_slice(&Sha256::digest(self.0)[..8]);
        KeyId(first)
    }
}

impl fmt::Debug for RegistrationPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationPublicKey({})", self.to_base64url())
    }
}

/// A registration key with its private half, which never leaves the relay. It is wiped when dropped and does not print.
#[derive(Clone)]
pub struct RegistrationKeyPair {
    private: x25519::PrivateKey,
    public: RegistrationPublicKey,
}

impl RegistrationKeyPair {
    /// Draws a new key pair.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::new(x25519::PrivateKey::generate(rng))
    }

    /// Takes the private half, 32 bytes, clamped or not; every 32 bytes are one (RFC 9180, section 7.1.2).
    #[must_use]
    pub fn from_bytes(private: &[u8; 32]) -> Self {
        Self::new(x25519::PrivateKey::from_bytes(private))
    }

    fn new(private: x25519::PrivateKey) -> Self {
        let public = RegistrationPublicKey(private.public());
        Self { private, public }
    }

    /// The private half, 32 bytes, clamped, for the relay's own key file and nowhere else: whoever holds them reads every
    /// device token that was ever sealed to this key.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.private.to_bytes()
    }

    /// The public half, which the relay publishes signed.
    #[must_use]
    pub const fn public(&self) -> RegistrationPublicKey {
        self.public
    }

    pub(crate) const fn private(&self) -> &x25519::PrivateKey {
        &self.private
    }
}

impl fmt::Debug for RegistrationKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationKeyPair({})", self.public.key_id())
    }
}
