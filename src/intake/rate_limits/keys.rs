//! What a limiter remembers of each key: two numbers, and of no more keys than there is room for.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use governor::nanos::Nanos;
use governor::state::StateStore;

/// What is known of a key.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// When the key has its whole quota again, in the limiter's time: the GCRA's theoretical arrival time.
    whole_at: Nanos,
    /// The key was refused, and may come back then.
    refused_until: Duration,
}

/// The states of many keys. A clone is the same store.
#[derive(Debug)]
pub(super) struct Keys<K: Eq + Hash> {
    states: Arc<DashMap<K, State>>,
    count: Arc<AtomicUsize>,
    most: usize,
}

impl<K: Eq + Hash> Clone for Keys<K> {
    fn clone(&self) -> Self {
        Self { states: Arc::clone(&self.states), count: Arc::clone(&self.count), most: self.most }
    }
}

impl<K: Eq + Hash + Clone> Keys<K> {
    /// Room for `most` keys. One more is not counted: a flood from very many places must neither fill the memory
    /// nor lock out who has nothing to do with it, and the limits of the whole relay still hold for it.
    pub(super) fn new(most: usize) -> Self {
        Self { states: Arc::default(), count: Arc::default(), most }
    }

    /// How many keys are remembered.
    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// When `key` has its whole quota again; `None` where nothing is known of it.
    pub(super) fn whole_at(&self, key: &K) -> Option<Duration> {
        // The usual case of a limit on failures.
        if self.len() == 0 {
            return None;
        }
        self.states.get(key).map(|state| state.whole_at.into())
    }

    /// Notes that `key` was refused.
    pub(super) fn refused(&self, key: &K, until: Duration) {
        if let Some(mut state) = self.states.get_mut(key) {
            state.refused_until = until;
        }
    }

    /// The keys that were refused and must still wait.
    pub(super) fn refused_now(&self, now: Duration) -> Vec<K> {
        let refused = self.states.iter().filter(|entry| entry.refused_until > now);
        refused.map(|entry| entry.key().clone()).collect()
    }

    /// Forgets every key that has its whole quota: it is as good as one that never came.
    pub(super) fn forget_whole(&self, now: Duration) {
        let mut forgotten = 0;
        self.states.retain(|_, state| {
            let keep = Duration::from(state.whole_at) > now || state.refused_until > now;
            forgotten += usize::from(!keep);
            keep
        });
        self.count.fetch_sub(forgotten, Ordering::Relaxed);
        if forgotten > 0 {
            self.states.shrink_to_fit();
        }
    }
}

impl<K: Eq + Hash + Clone> StateStore for Keys<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        if let Some(mut state) = self.states.get_mut(key) {
            let (outcome, whole_at) = f(Some(state.whole_at))?;
            state.whole_at = whole_at;
            return Ok(outcome);
        }
        if self.len() >= self.most {
            return f(None).map(|(outcome, _)| outcome);
        }
        match self.states.entry(key.clone()) {
            Entry::Occupied(mut known) => {
                let (outcome, whole_at) = f(Some(known.get().whole_at))?;
                known.get_mut().whole_at = whole_at;
                Ok(outcome)
            }
            Entry::Vacant(new) => {
                let (outcome, whole_at) = f(None)?;
                new.insert(State { whole_at, refused_until: Duration::ZERO });
                self.count.fetch_add(1, Ordering::Relaxed);
                Ok(outcome)
            }
        }
    }
}
