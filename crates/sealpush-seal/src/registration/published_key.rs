//! A registration key as the relay publishes it: with its validity, signed by the relay's long-term key.
//!
//! Owns what is signed, and the check that an app makes before it seals; must not fetch anything. Read next:
//! [`super::LongTermPublicKey`], which an app has in its build, so that no server can hand it a false key.

use super::{LongTermKey, LongTermPublicKey, RegistrationPublicKey};

/// A text of its own for each use of a signing key, so that no signature holds for another use.
const LABEL: &[u8] = b"sealpush/1 registration key\0";

/// A registration key, valid from one time until another, both inclusive and in unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The key.
    pub key: RegistrationPublicKey,
    /// The first millisecond at which apps seal to it.
    pub valid_from_ms: u64,
    /// The last millisecond at which apps seal to it.
    pub valid_until_ms: u64,
    /// Ed25519 by the relay's long-term key.
    pub signature: [u8; 64],
}

/// Why an app does not seal to a published key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishedKeyError {
    /// The relay's long-term key did not sign this.
    #[error("the registration key is not signed by the relay's long-term key")]
    Signature,
    /// It is signed, but not valid at this time.
    #[error("the registration key is not valid at this time")]
    NotValidNow,
}

impl PublishedKey {
    /// Signs a registration key, as the relay does when it makes one.
    #[must_use]
    pub fn sign(
        long_term: &LongTermKey,
        key: RegistrationPublicKey,
        valid_from_ms: u64,
        valid_until_ms: u64,
    ) -> Self {
        let signature = long_term.sign(&signed_message(&key, valid_from_ms, valid_until_ms));
        Self { key, valid_from_ms, valid_until_ms, signature }
    }

    /// Gives the key to seal to at `now_ms`, as an app does before each registration.
    pub fn verify(
        &self,
        long_term: &LongTermPublicKey,
        now_ms: u64,
    ) -> Result<RegistrationPublicKey, PublishedKeyError> {
        let message = signed_message(&self.key, self.valid_from_ms, self.valid_until_ms);
        if !long_term.verifies(&message, &self.signature) {
            return Err(PublishedKeyError::Signature);
        }
        if !(self.valid_from_ms..=self.valid_until_ms).contains(&now_ms) {
            return Err(PublishedKeyError::NotValidNow);
        }
        Ok(self.key)
    }
}

/// Label, one zero byte, the key (32), valid-from and valid-until (8 each, big endian).
fn signed_message(key: &RegistrationPublicKey, valid_from_ms: u64, valid_until_ms: u64) -> Vec<u8> {
    [LABEL, key.as_bytes(), &valid_from_ms.to_be_bytes(), &valid_until_ms.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::{PublishedKey, PublishedKeyError};
    use crate::registration::{LongTermKey, RegistrationKeyPair};

    fn published() -> (PublishedKey, LongTermKey) {
        let long_term = LongTermKey::from_bytes(&[1; 32]);
        let key = RegistrationKeyPair::from_bytes(&[2; 32]).public();
        (PublishedKey::sign(&long_term, key, 1000, 2000), long_term)
    }

    #[test]
    fn a_key_is_taken_from_its_first_to_its_last_millisecond() {
        let (published, long_term) = published();
        for (now_ms, expected) in [
            (999, Err(PublishedKeyError::NotValidNow)),
            (1000, Ok(published.key)),
            (2000, Ok(published.key)),
            (2001, Err(PublishedKeyError::NotValidNow)),
        ] {
            assert_eq!(published.verify(&long_term.public(), now_ms), expected);
        }
    }

    #[test]
    fn nothing_in_a_published_key_can_be_changed() {
        let (published, long_term) = published();
        let other_key = RegistrationKeyPair::from_bytes(&[3; 32]).public();
        for changed in [
            PublishedKey { key: other_key, ..published },
            PublishedKey { valid_from_ms: 0, ..published },
            PublishedKey { valid_until_ms: 3000, ..published },
            PublishedKey { signature: [0; 64], ..published },
        ] {
            assert_eq!(changed.verify(&long_term.public(), 1500), Err(PublishedKeyError::Signature));
        }
        let other = LongTermKey::from_bytes(&[9; 32]).public();
        assert_eq!(published.verify(&other, 1500), Err(PublishedKeyError::Signature));
    }
}
