//! Subscriptions: one sender's right to reach one registration.

use super::{RegistrationId, SenderId, SubscriptionId};
use crate::base::Day;

/// A subscription's public key, held only where the app asked that the relay may seal for it.
pub type RelayKey = sealpush_seal::SubscriptionPublicKey;

/// One sender's right to reach one registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Drawn by the device, so that two senders cannot tell that they reach the same one.
    pub id: SubscriptionId,
    /// The registration that it reaches.
    pub registration: RegistrationId,
    /// Whose right it is.
    pub sender: SenderId,
    /// When it was made.
    pub created_day: Day,
    /// Whether a push service ever accepted a notification for it.
    pub used: bool,
    /// The public key, where the relay may seal.
    pub relay_key: Option<RelayKey>,
}
