//! Which deliveries this process attempts now, and which it must not begin any more.
//!
//! A lease lies in memory between the moment it is taken and its attempt. Whoever ends a delivery meanwhile
//! (withdrawn, replaced) asks here, and exactly one of the two gets it: the attempt, or the end. Must not know
//! who asks, or what an attempt comes to. Read next: `lease.rs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Delivery, DeliveryId, NotificationId, Outcome, SenderId};
use crate::base::UnixMillis;

/// Names one delivery. Its id alone does not: senders draw ids, and another's must not be in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeliveryKey {
    /// Whose it is.
    pub sender: SenderId,
    /// The notification that it belongs to.
    pub notification: NotificationId,
    /// Its id.
    pub delivery: DeliveryId,
}

impl Delivery {
    /// What names it among all deliveries.
    #[must_use]
    pub fn key(&self) -> DeliveryKey {
        DeliveryKey { sender: self.reach.sender, notification: self.notification, delivery: self.id }
    }
}

/// Why a delivery that waits is not sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalledOff {
    /// Its sender withdrew it.
    Withdrawn,
    /// A newer one with the same collapse key took its place.
    Replaced,
}

impl From<CalledOff> for Outcome {
    fn from(why: CalledOff) -> Self {
        match why {
            CalledOff::Withdrawn => Self::Withdrawn,
            CalledOff::Replaced => Self::Replaced,
        }
    }
}

/// The deliveries under way in this process.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    states: Mutex<HashMap<DeliveryKey, State>>,
    /// Something that was held is held no more.
    decided: Notify,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// It is attempted, by so many leases: a settled one may be let go of just after the next one was taken.
    Begun { leases: u32, called_off: Option<(CalledOff, UnixMillis)> },
    /// Whoever calls it off has not written that yet.
    Held,
    /// It has ended: its lease is worth nothing.
    CalledOff,
}

impl UnderWay {
    /// Begins the attempts of one lease; `None` where the delivery was called off. Waits while that is being
    /// decided, which takes as long as one transaction.
    pub async fn begin(&self, key: DeliveryKey) -> Option<Begun> {
        loop {
            let mut decided = std::pin::pin!(self.0.decided.notified());
            // Before the look, so that no decision is missed after it.
            decided.as_mut().enable();
            match self.0.try_to_begin(key) {
                State::Begun { .. } => return Some(Begun { shared: Arc::clone(&self.0), key }),
                State::CalledOff => return None,
                State::Held => decided.await,
            }
        }
    }

    /// Calls one delivery off that waits in memory alone. `false` where it is under way: it ends as it ends, but is
    /// not tried again.
    #[must_use]
    pub fn call_off(&self, key: DeliveryKey, why: CalledOff, at: UnixMillis) -> bool {
        let mut holding = self.holding();
        let called_off = holding.call_off(key, why, at);
        holding.written();
        called_off
    }

    /// Begins to call off deliveries whose ends are not written yet.
    #[must_use]
    pub fn holding(&self) -> Holding {
        Holding { shared: Arc::clone(&self.0), held: Vec::new(), noted: Vec::new() }
    }

    /// Whether a delivery under way is not to be tried again: why, and since when.
    #[must_use]
    pub fn called_off(&self, key: DeliveryKey) -> Option<(CalledOff, UnixMillis)> {
        match self.0.lock().get(&key) {
            Some(State::Begun { called_off, .. }) => *called_off,
            Some(State::Held | State::CalledOff) | None => None,
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<DeliveryKey, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_to_begin(&self, key: DeliveryKey) -> State {
        match self.lock().entry(key) {
            Entry::Vacant(vacant) => *vacant.insert(State::Begun { leases: 1, called_off: None }),
            Entry::Occupied(mut there) => match there.get_mut() {
                State::Begun { leases, .. } => {
                    *leases += 1;
                    *there.get()
                }
                State::Held => State::Held,
                State::CalledOff => there.remove(),
            },
        }
    }
}

/// The right to attempt one delivery, until what followed from it is written.
#[derive(Debug)]
pub struct Begun {
    shared: Arc<Shared>,
    key: DeliveryKey,
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Entry::Occupied(mut there) = self.shared.lock().entry(self.key)
            && let State::Begun { leases, .. } = there.get_mut()
        {
            *leases -= 1;
            if *leases == 0 {
                there.remove();
            }
        }
    }
}

/// Deliveries that are being called off. Dropped before [`Holding::written`], all of it is as it was.
#[derive(Debug)]
pub struct Holding {
    shared: Arc<Shared>,
    held: Vec<DeliveryKey>,
    noted: Vec<DeliveryKey>,
}

impl Holding {
    /// Keeps a leased delivery from being begun. `false` where it is under way: then it is noted that it must not be
    /// tried again, and its end is not to be written.
    #[must_use]
    pub fn call_off(&mut self, key: DeliveryKey, why: CalledOff, at: UnixMillis) -> bool {
        match self.shared.lock().entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(State::Held);
                self.held.push(key);
                true
            }
            Entry::Occupied(mut there) => match there.get_mut() {
                State::Begun { called_off, .. } => {
                    if called_off.is_none() {
                        *called_off = Some((why, at));
                        self.noted.push(key);
                    }
                    false
                }
                State::Held | State::CalledOff => true,
            },
        }
    }

    /// The ends are written: what was held is never begun.
    pub fn written(mut self) {
        self.noted.clear();
        self.let_go(Some(State::CalledOff));
    }

    fn let_go(&mut self, into: Option<State>) {
        if self.held.is_empty() && self.noted.is_empty() {
            return;
        }
        let mut states = self.shared.lock();
        for key in self.held.drain(..) {
            match into {
                Some(state) => states.insert(key, state),
                None => states.remove(&key),
            };
        }
        for key in self.noted.drain(..) {
            if let Some(State::Begun { called_off, .. }) = states.get_mut(&key) {
                *called_off = None;
            }
        }
        drop(states);
        self.shared.decided.notify_waiters();
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.let_go(None);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::model::Id;

    const NOW: UnixMillis = UnixMillis(1);
    const KEY: DeliveryKey = DeliveryKey {
        sender: Id::from_bytes([1; 16]),
        notification: Id::from_bytes([2; 16]),
        delivery: Id::from_bytes([3; 16]),
    };

    fn nothing_is_left(under_way: &UnderWay) -> bool {
        under_way.0.lock().is_empty()
    }

    #[tokio::test]
    async fn what_was_called_off_is_not_begun_once() {
        let under_way = UnderWay::default();
        assert!(under_way.call_off(KEY, CalledOff::Withdrawn, NOW));

        assert!(under_way.begin(KEY).await.is_none());

        assert!(nothing_is_left(&under_way));
        assert!(under_way.begin(KEY).await.is_some());
    }

    #[tokio::test]
    async fn what_is_under_way_ends_as_it_ends_and_is_not_tried_again() {
        let under_way = UnderWay::default();
        let begun = under_way.begin(KEY).await;

        assert!(!under_way.call_off(KEY, CalledOff::Replaced, NOW));

        assert_eq!(under_way.called_off(KEY), Some((CalledOff::Replaced, NOW)));
        drop(begun);
        assert!(nothing_is_left(&under_way));
    }

    #[tokio::test]
    async fn an_attempt_waits_until_it_is_written_that_it_is_called_off() {
        let under_way = UnderWay::default();
        let mut holding = under_way.holding();
        assert!(holding.call_off(KEY, CalledOff::Replaced, NOW));
        let mut beginning = std::pin::pin!(under_way.begin(KEY));
        assert!(beginning.as_mut().now_or_never().is_none());

        holding.written();

        assert!(beginning.await.is_none());
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_as_it_was() {
        let under_way = UnderWay::default();
        let other = DeliveryKey { delivery: Id::from_bytes([4; 16]), ..KEY };
        let _other_begun = under_way.begin(other).await;
        let mut holding = under_way.holding();
        assert!(
            holding.call_off(KEY, CalledOff::Withdrawn, NOW)
                && !holding.call_off(other, CalledOff::Withdrawn, NOW)
        );
        let mut beginning = std::pin::pin!(under_way.begin(KEY));
        assert!(beginning.as_mut().now_or_never().is_none());

        drop(holding);

        assert!(beginning.await.is_some());
        assert_eq!(under_way.called_off(other), None);
    }

    #[tokio::test]
    async fn a_settled_lease_that_is_let_go_of_late_takes_nothing_from_the_next() {
        let under_way = UnderWay::default();
        let first = under_way.begin(KEY).await;
        let second = under_way.begin(KEY).await;

        drop(first);

        assert!(!under_way.call_off(KEY, CalledOff::Withdrawn, NOW));
        drop(second);
        assert!(nothing_is_left(&under_way));
    }
}
