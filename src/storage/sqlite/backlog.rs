//! How much waits, by lane: counted in memory, so that no submission pays for a count, and delivery knows whom to ask.
//!
//! This process holds the database alone. It counts once, at its start, and from then on what each transaction adds and
//! takes away. Where a caller was dropped in the middle of a commit, nobody knows whether it was carried out: then it
//! counts again before it next leases.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::TryStreamExt;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::connections::Transaction;
use super::failure::failure;
use super::row::{id, number, parsed};
use super::store::SqliteStore;
use crate::model::{PushWay, SenderId, TargetOutcome};
use crate::storage::{EndedDelivery, Lane, Load, StorageError};

/// What a row takes besides its payload, with its entries in the indices: about.
const ROW: u64 = 350;

/// What a row counts for its part of content that stands elsewhere, because several share it: half of the longest.
/// Statements that tell what a payload takes know the same number.
pub(super) const SHARED: u64 = 1400;

/// Added up here, row by row: SQLite would sort them first, with their payloads, in memory.
const COUNT: &str = "SELECT sender, way, coalesce(length(payload), 1400 * (form = 4)) FROM deliveries";

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Backlog(Mutex<Loads>);

#[derive(Debug, Default)]
struct Loads {
    by_lane: BTreeMap<Lane, Load>,
    by_sender: HashMap<SenderId, Load>,
    all: Load,
    /// Rows whose lane cannot be read: they are found when they have come to their end.
    unreadable: u64,
    /// How many ended without an attempt since the start, by outcome.
    ended: BTreeMap<&'static str, u64>,
    /// Whether a change may have been written that is not counted, or the other way round.
    in_doubt: bool,
}

/// Rows that a transaction adds and takes away.
#[derive(Debug, Default)]
pub(super) struct Change {
    came: HashMap<Lane, Load>,
    went: HashMap<Lane, Load>,
    /// A row was among them whose lane cannot be read.
    unreadable: bool,
    /// How many ended without an attempt, by outcome.
    ended: BTreeMap<&'static str, u64>,
    /// All that were decided.
    decided: Vec<EndedDelivery>,
}

impl Change {
    /// One more row.
    pub(super) fn came(&mut self, lane: Lane, payload: u64) {
        add(&mut self.came, lane, payload);
    }

    /// One row less, of which the columns from `first` on are sender, way, and the length of the payload.
    pub(super) fn went(&mut self, row: &SqliteRow, first: usize) {
        match read(row, first) {
            Ok((lane, payload)) => add(&mut self.went, lane, payload),
            Err(_) => self.unreadable = true,
        }
    }

    /// The same, because the delivery was decided.
    pub(super) fn decided(&mut self, row: &SqliteRow, first: usize, target: &TargetOutcome) {
        match read(row, first) {
            Ok((lane, payload)) => {
                self.decided.push(EndedDelivery::of(lane.sender, lane.way.push_service, target));
                add(&mut self.went, lane, payload);
            }
            Err(_) => self.unreadable = true,
        }
    }

    /// The same, without an attempt.
    pub(super) fn ended(&mut self, row: &SqliteRow, first: usize, target: &TargetOutcome) {
        *self.ended.entry(target.outcome.as_str()).or_default() += 1;
        self.decided(row, first, target);
    }

    /// One row, of which the columns from `first` on are the same three, goes from its lane to `way`.
    pub(super) fn moved(&mut self, row: &SqliteRow, first: usize, way: &PushWay) {
        self.went(row, first);
        if let Ok((Lane { sender, .. }, payload)) = read(row, first) {
            self.came(Lane { sender, way: way.clone() }, payload);
        }
    }

    fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty() && !self.unreadable
    }
}

fn add(loads: &mut HashMap<Lane, Load>, lane: Lane, payload: u64) {
    let load = loads.entry(lane).or_default();
    *load = load.plus(Load { deliveries: 1, bytes: payload + ROW });
}

fn read(row: &SqliteRow, first: usize) -> Result<(Lane, u64), StorageError> {
    Ok((Lane { sender: id(row, first)?, way: parsed(row, first + 1)? }, number(row, first + 2)?))
}

impl Loads {
    async fn count(connection: &mut SqliteConnection) -> Result<Self, StorageError> {
        let mut loads = Self::default();
        let mut rows = sqlx::query(COUNT).fetch(connection);
        while let Some(row) = rows.try_next().await.map_err(failure)? {
            match read(&row, 0) {
                Ok((lane, payload)) => loads.plus(lane, Load { deliveries: 1, bytes: payload + ROW }),
                Err(_) => loads.unreadable += 1,
            }
        }
        if loads.unreadable > 0 {
            tracing::error!(
                count = loads.unreadable,
                "deliveries stand in no lane that this release can read; they end with their time to live"
            );
        }
        Ok(loads)
    }

    fn plus(&mut self, lane: Lane, load: Load) {
        self.all = self.all.plus(load);
        let of_sender = self.by_sender.entry(lane.sender).or_default();
        *of_sender = of_sender.plus(load);
        let of_lane = self.by_lane.entry(lane).or_default();
        *of_lane = of_lane.plus(load);
    }

    fn less(&mut self, lane: &Lane, load: Load) {
        self.all = self.all.less(load);
        if let Some(of_sender) = self.by_sender.get_mut(&lane.sender) {
            *of_sender = of_sender.less(load);
            if of_sender.deliveries == 0 {
                self.by_sender.remove(&lane.sender);
            }
        }
        if let Some(of_lane) = self.by_lane.get_mut(lane) {
            *of_lane = of_lane.less(load);
            if of_lane.deliveries == 0 {
                self.by_lane.remove(lane);
            }
        }
    }
}

impl Backlog {
    /// Counts all that waits.
    pub(super) async fn count(connection: &mut SqliteConnection) -> Result<Self, StorageError> {
        Ok(Self(Mutex::new(Loads::count(connection).await?)))
    }

    /// Counts again where that is in doubt. Only the connection that writes can tell.
    pub(super) async fn make_sure(&self, writer: &mut SqliteConnection) -> Result<(), StorageError> {
        if self.loads().in_doubt {
            let counted = Loads::count(writer).await?;
            let mut loads = self.loads();
            let ended = std::mem::take(&mut loads.ended);
            *loads = Loads { ended, ..counted };
        }
        Ok(())
    }

    fn loads(&self) -> MutexGuard<'_, Loads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits of one sender, and of all.
    pub(super) fn of(&self, sender: SenderId) -> (Load, Load) {
        let loads = self.loads();
        (loads.by_sender.get(&sender).copied().unwrap_or_default(), loads.all)
    }

    /// What waits of all.
    pub(super) fn all(&self) -> Load {
        self.loads().all
    }

    /// How many ended without an attempt since the start, by outcome.
    pub(super) fn ended(&self) -> Vec<(&'static str, u64)> {
        self.loads().ended.iter().map(|(outcome, count)| (*outcome, *count)).collect()
    }

    /// The lanes in which something waits, in their order.
    pub(super) fn lanes(&self) -> Vec<Lane> {
        self.loads().by_lane.keys().cloned().collect()
    }

    /// Whether nothing waits, and that is certain.
    pub(super) fn is_empty(&self) -> bool {
        let loads = self.loads();
        loads.all.deliveries == 0 && loads.unreadable == 0 && !loads.in_doubt
    }

    /// Nothing of a sender is left.
    pub(super) fn forget(&self, sender: SenderId) {
        let mut loads = self.loads();
        let lanes: Vec<_> = loads
            .by_lane
            .iter()
            .filter(|(lane, _)| lane.sender == sender)
            .map(|(lane, load)| (lane.clone(), *load))
            .collect();
        for (lane, load) in lanes {
            loads.less(&lane, load);
        }
    }

    fn apply(&self, change: Change) {
        let mut loads = self.loads();
        for (lane, load) in change.came {
            loads.plus(lane, load);
        }
        for (lane, load) in change.went {
            loads.less(&lane, load);
        }
        for (outcome, count) in change.ended {
            *loads.ended.entry(outcome).or_default() += count;
        }
        loads.in_doubt |= change.unreadable;
    }
}

/// A commit whose change is not counted yet.
struct Uncounted<'a>(Option<&'a Backlog>);

impl Drop for Uncounted<'_> {
    fn drop(&mut self) {
        if let Some(backlog) = self.0 {
            backlog.loads().in_doubt = true;
        }
    }
}

impl SqliteStore {
    /// Commits a transaction that comes to this change of what waits.
    pub(super) async fn commit_counted(
        &self,
        transaction: Transaction<'_>,
        change: Change,
    ) -> Result<(), StorageError> {
        if change.is_empty() {
            return transaction.commit().await;
        }
        let mut uncounted = Uncounted(Some(&self.backlog));
        // Before another one writes, who might count again.
        let committed = transaction
            .commit_then(|| {
                self.usage_recorder.deliveries(&change.decided);
                self.backlog.apply(change);
            })
            .await;
        // What failed is rolled back: only where the caller is dropped nobody knows.
        uncounted.0 = None;
        committed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::OsEntropy;
    use crate::privacy::StorageKey;
    use crate::storage::sqlite::Location;

    fn lane(sender: u8, way: &str) -> Lane {
        Lane { sender: SenderId::from_bytes([sender; 16]), way: way.parse().unwrap() }
    }

    #[tokio::test]
    async fn what_a_commit_came_to_that_nobody_knows_of_is_counted_again() {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open_engine(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap();
        // A commit may be quicker than the one who drops it.
        for _ in 0..1_000 {
            let mut change = Change::default();
            change.came(lane(1, "chat/fcm"), 100);
            let transaction = store.connections.begin().await.unwrap();
            let mut committing = Box::pin(store.commit_counted(transaction, change));
            if futures_util::poll!(committing.as_mut()).is_pending() {
                break;
            }
        }
        assert!(store.backlog.loads().in_doubt);

        store.backlog.make_sure(&mut *store.connections.write().await).await.unwrap();

        assert!(store.backlog.is_empty());
    }

    #[tokio::test]
    async fn what_could_not_be_committed_does_not_count() {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open_engine(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap();
        let mut change = Change::default();
        change.came(lane(1, "chat/fcm"), 100);
        let mut transaction = store.connections.begin().await.unwrap();
        // As after a full disk: SQLite has ended the transaction by itself.
        sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();

        store.commit_counted(transaction, change).await.unwrap_err();

        assert!(store.backlog.is_empty());
    }

    #[test]
    fn loads_are_counted_by_lane_by_sender_and_together() {
        let backlog = Backlog::default();
        let mut change = Change::default();
        for (sender, way) in [(1, "chat/fcm"), (1, "chat/fcm"), (1, "chat/apns/sandbox"), (2, "chat/fcm")] {
            change.came(lane(sender, way), 50);
        }
        backlog.apply(change);
        assert_eq!(backlog.lanes(), [lane(1, "chat/apns/sandbox"), lane(1, "chat/fcm"), lane(2, "chat/fcm")]);
        let (of_one, all) = backlog.of(SenderId::from_bytes([1; 16]));
        assert_eq!((of_one.deliveries, all.deliveries, all.bytes), (3, 4, 4 * (50 + ROW)));

        backlog.forget(SenderId::from_bytes([1; 16]));

        assert_eq!((backlog.lanes(), backlog.all().deliveries), (vec![lane(2, "chat/fcm")], 1));
    }
}
