//! The relay's registration key: apps seal registrations to it.
//!
//! Owns the two names and the key id; must not decide how long a key is valid. Read next: [`super::PublishedKey`].

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{
    kind::Registration,
    sealing_key::{OpeningKey, SealingKey},
};

/// Names a registration key on the wire: the first 8 bytes of the SHA-256 of its public half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The public half of a registration key, which the relay publishes signed: 32 bytes of X25519, not of low order and below
/// the prime.
pub type RegistrationPublicKey = SealingKey<Registration>;

impl RegistrationPublicKey {
    /// The key's name on the wire.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let mut first = [0; 8];
        first.copy_from_slice(&Sha256::digest(self.as_bytes())[..8]);
        KeyId(first)
    }
}

/// A registration key with its private half, which never leaves the relay. It is wiped when dropped and does not print.
/// Its bytes are for the relay's own key file and nowhere else: whoever holds them reads every device token that was ever
/// sealed to this key.
pub type RegistrationKeyPair = OpeningKey<Registration>;

impl fmt::Debug for RegistrationKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationKeyPair({})", self.public().key_id())
    }
}
