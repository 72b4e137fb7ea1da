//! How many of an app's deliveries may be under way at once.
//!
//! A push service that answers one app slowly, or not at all, must not take the places of all others' deliveries
//! until its breaker trips.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::model::{AttemptOutcome, Reason};

/// When one that found no place tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// The places of one app.
#[derive(Debug)]
pub(super) struct Share {
    most: AtomicUsize,
    taken: AtomicUsize,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Share);

impl Share {
    /// `most` places.
    pub(super) fn of(most: usize) -> Self {
        Self { most: AtomicUsize::new(most), taken: AtomicUsize::new(0) }
    }

    /// There are `most` from now on: apps came, or went.
    pub(super) fn resize(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// A place, or what a delivery comes to that finds none.
    pub(super) fn take(&self) -> Result<Place<'_>, AttemptOutcome> {
        let place = Place(self);
        if self.taken.fetch_add(1, Ordering::Relaxed) < self.most.load(Ordering::Relaxed) {
            return Ok(place);
        }
        let reason = Reason::ours("too_many_under_way");
        Err(AttemptOutcome::NotAttempted { reason, after: AGAIN, held: false })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_given_back_is_free_and_one_that_was_refused_takes_none() {
        let share = Share::of(2);
        let first = share.take().unwrap();
        let _second = share.take().unwrap();
        assert!(share.take().is_err() && share.take().is_err());
        drop(first);
        let _third = share.take().unwrap();
        assert!(share.take().is_err());
        share.resize(3);
        assert!(share.take().is_ok());
    }
}
