//! How deliveries are called off that wait in memory, because their sender waits for the answer.
//!
//! Nothing of them is written, so no query finds them: a notification that is withdrawn is found among those that
//! run, and one that a newer takes the place of by its subscription and collapse key, here. Read next: `wait.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::model::{CalledOff, CollapseHash, Delivery, SubscriptionId};

/// What a newer delivery shares with those whose place it takes.
pub(super) type Place = (SubscriptionId, CollapseHash);

/// The place of a delivery that has a collapse key.
pub(super) fn place(delivery: &Delivery) -> Option<Place> {
    Some((delivery.reach.subscription, delivery.collapse?))
}

/// The newest delivery of each place, of those that wait in memory.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<Place, CancellationToken>>);

impl Places {
    fn lock(&self) -> MutexGuard<'_, HashMap<Place, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls off what waits in memory in these places.
    pub(super) fn clear(&self, places: &[Place]) {
        let mut newest = self.lock();
        for older in places.iter().filter_map(|place| newest.remove(place)) {
            older.cancel();
        }
    }

    /// Gives these places to one submission, and calls off what was there; it holds them until this is dropped.
    pub(super) fn take(self: &Arc<Self>, places: &[Place]) -> Taken {
        let mut taken = HashMap::with_capacity(places.len());
        if !places.is_empty() {
            let mut newest = self.lock();
            for place in places {
                let replaced = CancellationToken::new();
                if let Some(older) = newest.insert(*place, replaced.clone()) {
                    older.cancel();
                }
                taken.insert(*place, replaced);
            }
        }
        Taken { places: Arc::clone(self), taken }
    }
}

/// The places of one submission.
#[derive(Debug)]
pub(super) struct Taken {
    places: Arc<Places>,
    taken: HashMap<Place, CancellationToken>,
}

impl Taken {
    /// How `delivery` learns that it is called off.
    pub(super) fn call_off(&self, delivery: &Delivery, withdrawn: &CancellationToken) -> CallOff {
        let replaced = place(delivery).and_then(|place| self.taken.get(&place)).cloned();
        CallOff { withdrawn: withdrawn.clone(), replaced }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.taken.is_empty() {
            return;
        }
        let mut newest = self.places.lock();
        // A place that a newer one took is no longer this one's to give back.
        for (place, _) in self.taken.drain().filter(|(_, replaced)| !replaced.is_cancelled()) {
            newest.remove(&place);
        }
    }
}

/// How one delivery learns that it is called off.
#[derive(Debug, Clone)]
pub(super) struct CallOff {
    withdrawn: CancellationToken,
    replaced: Option<CancellationToken>,
}

impl CallOff {
    /// Of a delivery that nobody calls off.
    pub(super) fn never() -> Self {
        Self { withdrawn: CancellationToken::new(), replaced: None }
    }

    /// Comes when the delivery is called off.
    pub(super) async fn called(&self) -> CalledOff {
        let Some(replaced) = &self.replaced else {
            self.withdrawn.cancelled().await;
            return CalledOff::Withdrawn;
        };
        tokio::select! {
            biased;
            () = self.withdrawn.cancelled() => CalledOff::Withdrawn,
            () = replaced.cancelled() => CalledOff::Replaced,
        }
    }

    /// Whether a newer one took its place.
    pub(super) fn is_replaced(&self) -> bool {
        self.replaced.as_ref().is_some_and(CancellationToken::is_cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Id;

    const PLACE: Place = (Id::from_bytes([1; 16]), CollapseHash([2; 24]));
    const OTHER: Place = (Id::from_bytes([1; 16]), CollapseHash([3; 24]));

    #[test]
    fn the_newest_holds_a_place_and_the_others_learn_of_it() {
        let places = Arc::new(Places::default());
        let older = places.take(&[PLACE, OTHER]);
        let newer = places.take(&[PLACE]);

        assert!(older.taken[&PLACE].is_cancelled() && !older.taken[&OTHER].is_cancelled());
        assert!(!newer.taken[&PLACE].is_cancelled());
        places.clear(&[PLACE]);
        assert!(newer.taken[&PLACE].is_cancelled());
    }

    #[test]
    fn a_place_is_given_back_by_who_holds_it_alone() {
        let places = Arc::new(Places::default());
        let older = places.take(&[PLACE]);
        let newer = places.take(&[PLACE]);

        drop(older);
        assert!(places.lock().contains_key(&PLACE));
        drop(newer);

        assert!(places.lock().is_empty());
    }
}
