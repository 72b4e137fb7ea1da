//! Registrations and subscriptions that were removed, retired or ended a short while ago.
//!
//! What waits for them in the database ends in the transaction that ends them; what waits in memory, because its
//! sender waits for the answer or it was born leased, is stopped by asking here before each attempt, without a query.
//! This process holds the database alone, so that what ended before it began has nothing in its memory.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use super::backlog::Change;
use super::connections::Transaction;
use super::store::SqliteStore;
use crate::model::{Id, Reach};
use crate::storage::StorageError;

/// For so long at least it is known that something ended. Nothing waits in memory as long: a wait ends within
/// seconds, and what was born leased is attempted when those before it were.
const KEPT: Duration = Duration::from_hours(1);

/// An id of either kind: they are random, and do not meet.
type Bytes = [u8; 16];

/// What ended within the last hour, or a little earlier.
pub(super) struct RecentlyEnded(RwLock<Halves>);

struct Halves {
    newer: HashSet<Bytes>,
    older: HashSet<Bytes>,
    turned: Instant,
}

impl Default for RecentlyEnded {
    fn default() -> Self {
        let (newer, older) = (HashSet::new(), HashSet::new());
        Self(RwLock::new(Halves { newer, older, turned: Instant::now() }))
    }
}

impl RecentlyEnded {
    /// Whether this way, or all of its registration, has ended.
    pub(super) fn contains(&self, reach: &Reach) -> bool {
        let halves = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let ended = |id| halves.newer.contains(id) || halves.older.contains(id);
        ended(reach.subscription.as_bytes()) || ended(reach.registration.as_bytes())
    }

    /// One of this id was made.
    pub(super) fn begin<K>(&self, id: Id<K>) {
        let mut halves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        halves.newer.remove(id.as_bytes());
        halves.older.remove(id.as_bytes());
    }

    fn end<K>(&self, ids: &[Id<K>]) {
        let mut halves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if halves.turned.elapsed() >= KEPT {
            halves.older = std::mem::take(&mut halves.newer);
            halves.turned = Instant::now();
        }
        halves.newer.extend(ids.iter().map(Id::as_bytes));
    }
}

impl SqliteStore {
    /// Commits a transaction that ends the registrations or subscriptions with these ids, with what waited for them.
    ///
    /// They count as ended from just before: a commit is carried out also where whoever asked for it goes away, and
    /// while the transaction lasts nobody else can make one of them anew.
    pub(super) async fn commit_ends<K>(
        &self,
        transaction: Transaction<'_>,
        ended: &[Id<K>],
        change: Change,
    ) -> Result<(), StorageError> {
        self.recently_ended.end(ended);
        let committed = self.commit_counted(transaction, change).await;
        if committed.is_err() {
            for id in ended {
                self.recently_ended.begin(*id);
            }
        }
        committed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SubscriptionId;

    fn knows(ended: &RecentlyEnded, id: SubscriptionId) -> bool {
        let halves = ended.0.read().unwrap();
        halves.newer.contains(id.as_bytes()) || halves.older.contains(id.as_bytes())
    }

    #[tokio::test(start_paused = true)]
    async fn what_ended_is_known_for_an_hour_and_forgotten_some_time_later() {
        let ended = RecentlyEnded::default();
        let [first, second, third] = [1, 2, 3].map(|byte| SubscriptionId::from_bytes([byte; 16]));
        tokio::time::advance(Duration::from_mins(59)).await;
        ended.end(&[first]);
        tokio::time::advance(Duration::from_mins(59)).await;
        ended.end(&[second]);
        assert!(knows(&ended, first) && knows(&ended, second));
        tokio::time::advance(KEPT).await;
        ended.end(&[third]);
        assert!(!knows(&ended, first) && knows(&ended, second) && knows(&ended, third));
    }
}
