//! A sender's identity key: it signs what is sealed, so that a device knows that its own server made it.
//!
//! Owns the two names; must not pass through the relay, which neither stores nor serves it: the app has it from its
//! server. Read next: `signed_message.rs`, what is signed.

use crate::{
    ed25519::{SigningKey, VerifyingKey},
    kind::Identity,
};

/// A sender's identity key (Ed25519). It is wiped when dropped and does not print. Its seed is for the sender's own key
/// file and nowhere else: whoever holds it can pose as the sender.
pub type IdentityKey = SigningKey<Identity>;

/// The public half of a sender's identity key, for the app: 32 bytes of Ed25519, not of low order and below the prime.
pub type IdentityPublicKey = VerifyingKey<Identity>;
