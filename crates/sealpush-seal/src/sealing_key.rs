//! X25519 key pairs: a public half to seal to, and a private half that opens.
//!
//! Owns both halves for every purpose; must not offer a way to fetch a key, nor let the key of one purpose stand in for
//! that of another. Read next: `x25519.rs`, the check and the clamping, then [`crate::SubscriptionPublicKey`].

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use zeroize::Zeroizing;

use crate::{PublicKeyError, base64url, field, kind::Kind, rand_core::CryptoRng, x25519};

/// A public key to seal to for the purpose `P`: 32 bytes of X25519, not of low order and below the prime.
pub struct SealingKey<P> {
    bytes: [u8; 32],
    purpose: PhantomData<fn() -> P>,
}

impl<P> SealingKey<P> {
    /// Takes the 32 bytes (RFC 7748, section 5), or says why nobody may seal to them.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        x25519::check_public(&bytes)?;
        Ok(Self { bytes, purpose: PhantomData })
    }

    /// Reads the key from base64url, as it stands in JSON.
    pub fn from_base64url(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_bytes(field::from_base64url(text)?)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The key in base64url: 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(&self.bytes)
    }
}

impl<P> Clone for SealingKey<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for SealingKey<P> {}

impl<P> PartialEq for SealingKey<P> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<P> Eq for SealingKey<P> {}

impl<P> Hash for SealingKey<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<P: Kind> fmt::Debug for SealingKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}PublicKey({})", P::NAME, self.to_base64url())
    }
}

/// The private key that opens what was sealed to its [`SealingKey`], with that public half at hand. It is wiped when
/// dropped and does not print.
pub struct OpeningKey<P> {
    private: x25519::PrivateKey,
    /// Kept, since every signature is over it, and to compute it costs a quarter of opening.
    public: SealingKey<P>,
}

impl<P> OpeningKey<P> {
    /// Draws a new key.
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
        let public = SealingKey { bytes: private.public(), purpose: PhantomData };
        Self { private, public }
    }

    /// The private half, 32 bytes, clamped, for its owner's own key store and nowhere else: whoever holds them reads
    /// everything that was ever sealed to this key.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.private.to_bytes()
    }

    /// The public half, for whoever seals.
    #[must_use]
    pub const fn public(&self) -> SealingKey<P> {
        self.public
    }

    pub(crate) const fn x25519(&self) -> &x25519::PrivateKey {
        &self.private
    }
}

impl<P> Clone for OpeningKey<P> {
    fn clone(&self) -> Self {
        Self { private: self.private.clone(), public: self.public }
    }
}
