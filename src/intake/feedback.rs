//! Feedback: a sender asks which of its subscriptions ended, and may wait for the next.
//!
//! Who waits holds a place in a map and a timer, and no connection of the store: a thousand who wait cost nothing
//! until something ends. How many may wait, `polls.rs` says.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::AuthenticatedSender;
use super::polls::Polls;
use crate::model::{FeedbackCursor, FeedbackEntry, LeaseQueue};
use crate::storage::{self, Storage, StorageError};

/// Entries of one answer.
const PAGE: u32 = 1000;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// As many wait as may, of this sender or of all.
    #[error("as many wait for feedback as may")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Tells senders which of their subscriptions ended.
pub struct Feedback {
    entries: Arc<dyn storage::Feedback>,
    /// Its other end closes when the relay stops.
    queue: LeaseQueue,
    polls: Polls,
}

impl Feedback {
    /// Tells what this store knows; nobody waits longer than the other end of `queue` is there, and no more than
    /// `most` at the same time.
    #[must_use]
    pub fn new(store: &Storage, queue: LeaseQueue, most: usize) -> Self {
        Self { entries: Arc::clone(&store.feedback), queue, polls: Polls::new(most) }
    }

    /// The sender's entries after `after`, the oldest first; where there is none, the first that comes within `wait`.
    pub async fn poll(
        &self,
        sender: AuthenticatedSender,
        after: Option<FeedbackCursor>,
        wait: Duration,
    ) -> Result<Vec<FeedbackEntry>, FeedbackError> {
        let end = Instant::now() + wait;
        let mut place = None;
        loop {
            let bell = self.entries.feedback_bell(sender.id);
            let mut rung = std::pin::pin!(bell.notified());
            rung.as_mut().enable();
            let entries = self.entries.entries(sender.id, after, PAGE).await?;
            if !entries.is_empty() || wait.is_zero() {
                return Ok(entries);
            }
            if place.is_none() {
                place = Some(self.polls.take(sender.id).ok_or(FeedbackError::TooMany)?);
            }
            let goes_on = tokio::select! {
                rung = timeout_at(end, rung) => rung.is_ok(),
                () = self.queue.closed() => false,
            };
            if !goes_on {
                return Ok(Vec::new());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::timeout;

    use super::*;
    use crate::base::OsEntropy;
    use crate::model::{ContentPolicy, Id, QueueBounds, SenderId, lease_queue};
    use crate::privacy::StorageKey;
    use crate::storage::sqlite::{Location, SqliteStore};

    fn sender(id: SenderId) -> AuthenticatedSender {
        let credential = Id::from_bytes([0; 16]);
        AuthenticatedSender { id, credential, content_policy: ContentPolicy::SealedOnly }
    }

    #[tokio::test]
    async fn a_thousand_who_wait_are_answered_at_once_when_the_relay_stops() {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap();
        let (queue, leases) = lease_queue(QueueBounds { all: 1, sender: 1 });
        let feedback = Feedback::new(&store, queue, 1_000);
        let polls =
            (0..1_000).map(|_| feedback.poll(sender(Id::random(&OsEntropy)), None, Duration::from_mins(1)));
        let mut all = std::pin::pin!(join_all(polls));
        let soon = Duration::from_millis(500);
        assert!(timeout(soon, &mut all).await.is_err(), "they wait");

        drop(leases);

        let answers = timeout(Duration::from_secs(30), all).await.expect("nobody waits any longer");
        assert!(answers.into_iter().all(|answer| answer.unwrap().is_empty()));
    }

    #[tokio::test]
    async fn who_does_not_want_to_wait_does_not() {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap();
        let (queue, _leases) = lease_queue(QueueBounds { all: 1, sender: 1 });
        let feedback = Feedback::new(&store, queue, 0);
        let asked = feedback.poll(sender(Id::random(&OsEntropy)), None, Duration::ZERO);
        let entries = timeout(Duration::from_secs(30), asked).await.expect("it is answered at once");
        assert!(entries.unwrap().is_empty());
    }
}
