//! Notifications: what was accepted and numbered, and what is known of it.

use super::{Form, NotificationId, Outcome, SenderId, SubscriptionId};
use crate::base::UnixMillis;

/// What the store keeps of an accepted notification besides its pending deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Whose it is.
    pub sender: SenderId,
    /// Its id, drawn by the sender.
    pub id: NotificationId,
    /// Keyed hash of the request body, so that the same id with another body is told apart.
    pub body_hash: [u8; 32],
    /// When the relay accepted it.
    pub accepted_at: UnixMillis,
    /// Until when its outcomes are kept.
    pub keep_until: UnixMillis,
}

/// How one target ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetOutcome {
    /// The target.
    pub subscription: SubscriptionId,
    /// In which form its content went out; `None` where it was refused before a form was chosen.
    pub form: Option<Form>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub at: UnixMillis,
}

/// What is known of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationState {
    /// Keyed hash of the body that it came with.
    pub body_hash: [u8; 32],
    /// Targets that ended, in no particular order.
    pub decided: Vec<TargetOutcome>,
    /// Targets that have not, each with the form in which it waits.
    pub pending: Vec<(SubscriptionId, Form)>,
}
