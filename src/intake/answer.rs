//! What a sender is told of its notification.

use std::sync::Arc;

use super::admit::target_outcome;
use crate::model::{
    Delivery, Notification, NotificationId, NotificationState, Outcome, SubscriptionId, TargetOutcome,
};

/// What a sender is told of its notification.
#[derive(Debug)]
pub struct Answer {
    /// Its id.
    pub id: NotificationId,
    /// What is known of its targets.
    pub state: NotificationState,
    /// It came with `wait: false`: the answer is a promise, whatever is known already.
    pub promised: bool,
}

/// Whether `delivery` waits after the promise; where its subscription ended, its outcome is added to
/// `decided`, as the store has it.
pub(super) fn still_waits(
    notification: &Notification,
    delivery: &Delivery,
    ended: &[SubscriptionId],
    decided: &mut Vec<TargetOutcome>,
) -> bool {
    let waits = !ended.contains(&delivery.reach.subscription);
    if !waits {
        let outcome = Outcome::subscription_ended();
        let at = outcome.told_at(notification.accepted_at);
        decided.push(target_outcome(delivery, outcome, at));
    }
    waits
}

/// The answer about `notification`, of which `pending` waits.
pub(super) fn answer(
    notification: &Notification,
    decided: Vec<TargetOutcome>,
    pending: &[&Delivery],
    promised: bool,
) -> Arc<Answer> {
    let pending =
        pending.iter().map(|delivery| (delivery.reach.subscription, delivery.payload.form())).collect();
    let state = NotificationState { body_hash: notification.body_hash, decided, pending };
    Arc::new(Answer { id: notification.id, state, promised })
}
