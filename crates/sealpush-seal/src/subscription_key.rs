//! The key pair of a subscription: the device makes it, the sender seals to its public half.
//!
//! Owns the two types and the check of the public one; must not offer a way to fetch a key: a sender has it from its
//! app, over its own login, and never from the relay. Read next: [`crate::seal`] and [`crate::DeviceKeys`].

use std::fmt;

use zeroize::Zeroizing;

use crate::{PublicKeyError, base64url, field, rand_core::CryptoRng, x25519};

/// A subscription's public key: 32 bytes of X25519, not of low order and below the prime.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubscriptionPublicKey([u8; 32]);

impl SubscriptionPublicKey {
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
}

impl fmt::Debug for SubscriptionPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubscriptionPublicKey({})", self.to_base64url())
    }
}

/// A subscription's private key, which never leaves the device, with its public half at hand. It is wiped when dropped and
/// does not print.
#[derive(Clone)]
pub struct SubscriptionPrivateKey {
    private: x25519::PrivateKey,
    /// Kept, since every signature is over it, and to compute it costs a quarter of opening.
    public: SubscriptionPublicKey,
}

impl SubscriptionPrivateKey {
    /// Draws a new key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::new(x25519::PrivateKey::generate(rng))
    }

    /// Takes 32 bytes, clamped or not; every 32 bytes are a private key (RFC 9180, section 7.1.2).
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self::new(x25519::PrivateKey::from_bytes(bytes))
    }

    fn new(private: x25519::PrivateKey) -> Self {
        let public = SubscriptionPublicKey(private.public());
        Self { private, public }
    }

    /// The 32 bytes, clamped, for the device's own key store and nowhere else: whoever holds them reads everything that
    /// was ever sealed to this key.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.private.to_bytes()
    }

    /// The public half, for the sender.
    #[must_use]
    pub const fn public(&self) -> SubscriptionPublicKey {
        self.public
    }

    pub(crate) const fn x25519(&self) -> &x25519::PrivateKey {
        &self.private
    }
}

impl fmt::Debug for SubscriptionPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubscriptionPrivateKey(..)")
    }
}
