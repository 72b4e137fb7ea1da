//! A value that can be replaced while it is used.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// A value that many read and a reload replaces: whoever read it goes on with what it read. Copies are handles on
/// the same value.
pub struct Live<T>(Arc<RwLock<Arc<T>>>);

impl<T> Live<T> {
    /// Begins with `value`.
    pub fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(value))))
    }

    /// The value now.
    #[must_use]
    pub fn get(&self) -> Arc<T> {
        // A poisoned lock holds a whole value all the same: replacing it is one assignment.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces it for everybody who asks from now on.
    pub fn set(&self, value: T) {
        let old = {
            let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, Arc::new(value))
        };
        // Outside the lock: the last use of what was replaced may take a while to end.
        drop(old);
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Live<T> {
    /// Says nothing of the value, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_read_the_value_keeps_it_and_the_next_gets_the_new_one() {
        let live = Live::new(1);
        let handle = live.clone();
        let before = handle.get();

        live.set(2);

        assert_eq!((*before, *handle.get()), (1, 2));
    }
}
