//! The key pair of a subscription: the device makes it, the sender seals to its public half.
//!
//! Owns the two names; must not offer a way to fetch a key: a sender has it from its app, over its own login, and never
//! from the relay. Read next: [`crate::seal`] and [`crate::DeviceKeys`].

use std::fmt;

use crate::{
    kind::Subscription,
    sealing_key::{OpeningKey, SealingKey},
};

/// A subscription's public key, for the sender: 32 bytes of X25519, not of low order and below the prime.
pub type SubscriptionPublicKey = SealingKey<Subscription>;

/// A subscription's private key, which never leaves the device, with its public half at hand. It is wiped when dropped and
/// does not print. Its bytes are for the device's own key store and nowhere else.
pub type SubscriptionPrivateKey = OpeningKey<Subscription>;

impl fmt::Debug for SubscriptionPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubscriptionPrivateKey(..)")
    }
}
