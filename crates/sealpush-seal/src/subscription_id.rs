//! The id of a subscription.
//!
//! Owns the name; must not know who holds which subscription. Read next: [`crate::seal`], which binds an envelope to it.

use crate::{id::Id, kind::Subscription};

/// One sender's right to reach one registration: a random id, drawn by the device, so that two senders cannot tell
/// that they reach the same device. Text form: a lower-case UUID.
pub type SubscriptionId = Id<Subscription>;
