//! How many senders may wait for feedback at the same time: each holds a connection that others could use.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::SenderId;

/// So many of one sender: a server with several workers, and one that asks again before it gave up.
const OF_ONE: usize = 4;

/// Who waits.
#[derive(Debug)]
pub(super) struct Polls {
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    all: usize,
    by_sender: HashMap<SenderId, usize>,
}

/// One who waits; given back when dropped.
#[derive(Debug)]
pub(super) struct Poll<'a> {
    polls: &'a Polls,
    sender: SenderId,
}

impl Polls {
    /// At most so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, waiting: Mutex::default() }
    }

    /// A place for one more of this sender; `None` where there is none.
    pub(super) fn take(&self, sender: SenderId) -> Option<Poll<'_>> {
        let mut waiting = self.waiting();
        let own = waiting.by_sender.get(&sender).copied().unwrap_or(0);
        if waiting.all >= self.most || own >= OF_ONE {
            return None;
        }
        waiting.all += 1;
        waiting.by_sender.insert(sender, own + 1);
        Some(Poll { polls: self, sender })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Poll<'_> {
    fn drop(&mut self) {
        let mut waiting = self.polls.waiting();
        waiting.all -= 1;
        let own = waiting.by_sender.get_mut(&self.sender).expect("who waits is counted");
        *own -= 1;
        if *own == 0 {
            waiting.by_sender.remove(&self.sender);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_has_a_few_places_and_all_have_as_many_as_there_are() {
        let polls = Polls::new(6);
        let [one, other] = [1, 2].map(|byte| SenderId::from_bytes([byte; 16]));
        let own: Vec<_> = std::iter::from_fn(|| polls.take(one)).collect();
        let theirs: Vec<_> = std::iter::from_fn(|| polls.take(other)).collect();
        assert_eq!((own.len(), theirs.len()), (OF_ONE, 2));

        drop(own);

        assert!(polls.take(other).is_some() && polls.take(one).is_some());
        drop(theirs);
        assert!(polls.waiting().by_sender.is_empty());
    }
}
