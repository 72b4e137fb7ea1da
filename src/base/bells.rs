//! Waiting for news of something, by those who wait for nothing else.
//!
//! Whoever waits listens first and looks then, so that no news is missed in between. What nobody listens for costs
//! nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

/// A bell for each `K` that somebody listens for.
#[derive(Debug)]
pub struct Bells<K>(Mutex<HashMap<K, Weak<Notify>>>);

impl<K> Default for Bells<K> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Eq + Hash> Bells<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Weak<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bell of `key`: [`Notify::notified`] comes at the next ring after it was enabled.
    #[must_use]
    pub fn listen(&self, key: K) -> Arc<Notify> {
        let mut bells = self.lock();
        if let Some(bell) = bells.get(&key).and_then(Weak::upgrade) {
            return bell;
        }
        // Those to which nobody listens any more go when twice as many were made.
        if bells.len() == bells.capacity() {
            bells.retain(|_, bell| bell.strong_count() > 0);
        }
        let bell = Arc::new(Notify::new());
        bells.insert(key, Arc::downgrade(&bell));
        bell
    }

    /// There is news of these.
    pub fn ring(&self, keys: impl IntoIterator<Item = K>) {
        let mut bells = self.lock();
        for key in keys {
            match bells.get(&key).map(Weak::upgrade) {
                Some(Some(bell)) => bell.notify_waiters(),
                Some(None) => drop(bells.remove(&key)),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn all_who_listen_hear_the_bell_of_their_key_alone() {
        let bells = Bells::default();
        let (one, same, other) = (bells.listen(1), bells.listen(1), bells.listen(2));
        let mut heard = [one.notified(), same.notified(), other.notified()].map(Box::pin);
        for heard in &mut heard {
            heard.as_mut().enable();
        }

        bells.ring([1]);

        assert_eq!(heard.map(|heard| heard.now_or_never().is_some()), [true, true, false]);
    }

    #[test]
    fn what_nobody_listens_for_any_more_is_forgotten_when_it_rings() {
        let bells = Bells::default();
        drop(bells.listen(1));

        bells.ring([1, 2]);

        assert!(bells.lock().is_empty());
    }
}
