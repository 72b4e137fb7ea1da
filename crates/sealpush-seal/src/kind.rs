//! What ids and keys are of, so that those of one kind are never taken for those of another.
//!
//! Owns the marker types, which have no values, and the name that each gives to its ids and keys when they print. Must not
//! hold behaviour: that is with [`crate::id`], [`crate::ed25519`] and [`crate::sealing_key`]. Read next: `id.rs`.

/// A marker type. Not to be named outside of this crate, so that there are no kinds but these.
pub trait Kind {
    /// Begins the name of the kind's types: `Subscription` as in `SubscriptionId`.
    const NAME: &'static str;
}

/// A kind whose ids a device draws. The protocol wants of these that they are random UUIDs.
pub trait DrawnByDevice: Kind {}

/// Of a sender.
pub enum Sender {}
/// Of a delivery.
pub enum Delivery {}
/// Of a subscription: its id, and its key pair.
pub enum Subscription {}
/// Of a registration: its id, and the relay's key pair to which registrations are sealed.
pub enum Registration {}
/// Of a sender's identity: the key with which it signs what it seals.
pub enum Identity {}
/// Of the relay in the long term: the key with which it signs the registration keys that it publishes.
pub enum LongTerm {}

impl Kind for Sender {
    const NAME: &'static str = "Sender";
}

impl Kind for Delivery {
    const NAME: &'static str = "Delivery";
}

impl Kind for Subscription {
    const NAME: &'static str = "Subscription";
}

impl Kind for Registration {
    const NAME: &'static str = "Registration";
}

impl Kind for Identity {
    const NAME: &'static str = "Identity";
}

impl Kind for LongTerm {
    const NAME: &'static str = "LongTerm";
}

impl DrawnByDevice for Subscription {}
impl DrawnByDevice for Registration {}
