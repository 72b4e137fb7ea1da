//! Which deliveries a device has opened already.
//!
//! Owns the promise (remember for 30 days) and its implementation in memory; must not hold content. Read next:
//! [`crate::DeviceKeys::open`], which asks.

use std::collections::{HashSet, VecDeque};

use crate::{DeliveryId, SubscriptionId, window::REMEMBERED_MS};

/// A device's memory of what it opened, so that no envelope is shown twice.
pub trait SeenDeliveries {
    /// Remembers the delivery for at least 30 days from `now_ms` (unix milliseconds) and tells whether that is new. To
    /// look and to remember must be one step, or two readers open one envelope. A memory that cannot be written answers
    /// `false`: better one notification lost than one shown again and again.
    fn remember(&mut self, subscription: SubscriptionId, delivery: DeliveryId, now_ms: u64) -> bool;
}

/// A memory that lasts as long as the process; an app keeps its own in its database.
#[derive(Debug, Default)]
pub struct SeenInMemory {
    known: HashSet<(SubscriptionId, DeliveryId)>,
    /// In the order in which they came, with the time until which each is remembered.
    by_age: VecDeque<(u64, (SubscriptionId, DeliveryId))>,
}

impl SeenInMemory {
    /// A memory of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many deliveries it remembers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether it remembers nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn forget_before(&mut self, now_ms: u64) {
        while let Some((_, seen)) = self.by_age.pop_front_if(|(until_ms, _)| *until_ms < now_ms) {
            self.known.remove(&seen);
        }
    }
}

impl SeenDeliveries for SeenInMemory {
    fn remember(&mut self, subscription: SubscriptionId, delivery: DeliveryId, now_ms: u64) -> bool {
        self.forget_before(now_ms);
        let is_new = self.known.insert((subscription, delivery));
        if is_new {
            self.by_age.push_back((now_ms.saturating_add(REMEMBERED_MS), (subscription, delivery)));
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::{SeenDeliveries as _, SeenInMemory};
    use crate::{DeliveryId, SubscriptionId, window::REMEMBERED_MS};

    const ONE: SubscriptionId = SubscriptionId::from_bytes([1; 16]);
    const OTHER: SubscriptionId = SubscriptionId::from_bytes([2; 16]);
    const DELIVERY: DeliveryId = DeliveryId::from_bytes([3; 16]);

    #[test]
    fn a_delivery_is_new_once_for_each_subscription() {
        let mut seen = SeenInMemory::new();
        assert!(seen.remember(ONE, DELIVERY, 0));
        assert!(!seen.remember(ONE, DELIVERY, 1));
        assert!(seen.remember(OTHER, DELIVERY, 2));
    }

    #[test]
    fn a_delivery_is_forgotten_after_thirty_days() {
        let mut seen = SeenInMemory::new();
        seen.remember(ONE, DELIVERY, 5);
        assert!(!seen.remember(ONE, DELIVERY, 5 + REMEMBERED_MS));
        assert!(seen.remember(ONE, DELIVERY, 6 + REMEMBERED_MS));
        assert_eq!(seen.len(), 1);
    }
}
