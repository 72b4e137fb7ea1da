//! How many deliveries of one app at one push service may be under way at once.
//!
//! A push service that answers one app slowly, or not at all, must not take the places of all others' deliveries
//! until its breaker trips.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::model::{AttemptOutcome, Reason};

/// When one that found no place tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// The places of all deliveries under way, whichever way they go.
#[derive(Debug)]
pub(super) struct Places {
    most: AtomicUsize,
    apps: AtomicUsize,
    taken: AtomicUsize,
}

/// The places of one app at one push service and environment: at most three quarters of what all others leave, so
/// that something is left for each of them, however many push services fall silent. An app alone has every place:
/// what finds none goes by way of the outbox, and that is for the sake of others.
#[derive(Debug)]
pub(super) struct Share {
    all: Arc<Places>,
    taken: AtomicUsize,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Share);

impl Places {
    /// `most` places for so many apps.
    pub(super) fn of(most: usize, apps: usize) -> Self {
        Self { most: AtomicUsize::new(most), apps: AtomicUsize::new(apps), taken: AtomicUsize::new(0) }
    }

    /// There are `most` for so many apps from now on.
    pub(super) fn resize(&self, most: usize, apps: usize) {
        self.most.store(most, Ordering::Relaxed);
        self.apps.store(apps, Ordering::Relaxed);
    }
}

impl Share {
    /// A share of `all`.
    pub(super) fn of(all: &Arc<Places>) -> Self {
        Self { all: Arc::clone(all), taken: AtomicUsize::new(0) }
    }

    /// Whether one more would find no place.
    pub(super) fn is_full(&self) -> bool {
        let (all, own) = (self.all.taken.load(Ordering::Relaxed), self.taken.load(Ordering::Relaxed));
        !self.has_place(all, own)
    }

    /// Whether there is a place beside so many that are taken, by all and by this way.
    fn has_place(&self, all: usize, own: usize) -> bool {
        let left_by_others = self.all.most.load(Ordering::Relaxed).saturating_sub(all.saturating_sub(own));
        let is_alone = self.all.apps.load(Ordering::Relaxed) <= 1;
        is_alone || own < left_by_others.saturating_mul(3).div_ceil(4)
    }

    /// A place, or what a delivery comes to that finds none.
    pub(super) fn take(&self) -> Result<Place<'_>, AttemptOutcome> {
        let all = self.all.taken.fetch_add(1, Ordering::Relaxed);
        let own = self.taken.fetch_add(1, Ordering::Relaxed);
        let place = Place(self);
        if self.has_place(all, own) {
            return Ok(place);
        }
        let reason = Reason::ours("too_many_under_way");
        Err(AttemptOutcome::NotAttempted { reason, after: AGAIN, held: false })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
        self.0.all.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken<'a>(share: &'a Share, places: &mut Vec<Place<'a>>) -> usize {
        let before = places.len();
        places.extend(std::iter::from_fn(|| share.take().ok()));
        places.len() - before
    }

    #[test]
    fn a_place_that_is_given_back_is_free_and_one_that_was_refused_takes_none() {
        let all = Arc::new(Places::of(2, 2));
        let share = Share::of(&all);
        let first = share.take().unwrap();
        let _second = share.take().unwrap();
        assert!(share.take().is_err() && share.take().is_err());
        drop(first);
        let _third = share.take().unwrap();
        assert!(share.take().is_err());
        all.resize(4, 2);
        assert!(share.take().is_ok());
    }

    #[test]
    fn an_app_alone_has_every_place() {
        let all = Arc::new(Places::of(4, 1));
        let ways = [Share::of(&all), Share::of(&all)];
        let _places: Vec<_> =
            ways.iter().flat_map(|way| [way.take().unwrap(), way.take().unwrap()]).collect();
    }

    #[test]
    fn each_silent_way_leaves_a_quarter_of_what_it_found() {
        let all = Arc::new(Places::of(4000, 2));
        let ways: Vec<_> = (0..4).map(|_| Share::of(&all)).collect();
        let mut places = Vec::new();
        let found: Vec<_> = ways.iter().map(|way| taken(way, &mut places)).collect();
        assert_eq!(found, [3000, 750, 188, 47]);
        drop(places);
        assert_eq!(taken(&ways[3], &mut Vec::new()), 3000);
    }
}
