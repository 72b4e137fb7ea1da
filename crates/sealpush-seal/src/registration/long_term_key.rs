//! The relay's long-term key: it signs the registration keys that the relay publishes.
//!
//! Owns the two names, whose types differ from a sender's identity key so that neither is ever taken for the other; must
//! not sign anything else. Read next: [`super::PublishedKey`].

use crate::{
    ed25519::{SigningKey, VerifyingKey},
    kind::LongTerm,
};

/// The relay's long-term key (Ed25519). It is wiped when dropped and does not print. Its seed is for the relay's own key
/// file and nowhere else: whoever holds it can hand apps a false registration key.
pub type LongTermKey = SigningKey<LongTerm>;

/// The public half of the relay's long-term key, which the app has in its build: 32 bytes of Ed25519, not of low order and
/// below the prime.
pub type LongTermPublicKey = VerifyingKey<LongTerm>;
