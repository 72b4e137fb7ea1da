//! How much waits, by sender: counted in memory, so that no submission pays for a count.
//!
//! This process holds the database alone. It counts once, at its start, and from then on what each transaction adds and
//! takes away.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::SqliteConnection;

use super::failure::failure;
use super::row::{id, number};
use crate::model::SenderId;
use crate::storage::{Load, StorageError};

/// What a row takes besides its payload, with its entries in the indices: about.
const ROW: u64 = 300;

const COUNT: &str = "
SELECT notifications.sender, count(*), coalesce(sum(length(deliveries.payload)), 0)
FROM deliveries JOIN notifications ON notifications.seq = deliveries.notification
GROUP BY notifications.sender";

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Backlog(Mutex<Loads>);

#[derive(Debug, Default)]
struct Loads {
    by_sender: HashMap<SenderId, Load>,
    all: Load,
}

/// Rows that a transaction adds or takes away.
#[derive(Debug, Default)]
pub(super) struct Change(HashMap<SenderId, Load>);

impl Change {
    /// One more row of `sender`, with a payload of so many bytes.
    pub(super) fn row(&mut self, sender: SenderId, payload: u64) {
        let load = self.0.entry(sender).or_default();
        load.deliveries += 1;
        load.bytes += payload + ROW;
    }
}

impl Backlog {
    /// Counts all that waits.
    pub(super) async fn count(connection: &mut SqliteConnection) -> Result<Self, StorageError> {
        let mut loads = Loads::default();
        for row in sqlx::query(COUNT).fetch_all(connection).await.map_err(failure)? {
            let (deliveries, payloads): (u64, u64) = (number(&row, 1)?, number(&row, 2)?);
            let load = Load { deliveries, bytes: payloads + deliveries * ROW };
            loads.all = loads.all.plus(load);
            loads.by_sender.insert(id(&row, 0)?, load);
        }
        Ok(Self(Mutex::new(loads)))
    }

    fn loads(&self) -> MutexGuard<'_, Loads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits of one sender, and of all.
    pub(super) fn of(&self, sender: SenderId) -> (Load, Load) {
        let loads = self.loads();
        (loads.by_sender.get(&sender).copied().unwrap_or_default(), loads.all)
    }

    /// These rows were added.
    pub(super) fn add(&self, added: Change) {
        if added.0.is_empty() {
            return;
        }
        let mut loads = self.loads();
        for (sender, load) in added.0 {
            loads.all = loads.all.plus(load);
            let of_sender = loads.by_sender.entry(sender).or_default();
            *of_sender = of_sender.plus(load);
        }
    }

    /// These rows are gone.
    pub(super) fn take_away(&self, gone: Change) {
        if gone.0.is_empty() {
            return;
        }
        let mut loads = self.loads();
        for (sender, load) in gone.0 {
            loads.all = loads.all.less(load);
            let left = loads.by_sender.get(&sender).copied().unwrap_or_default().less(load);
            if left.deliveries == 0 {
                loads.by_sender.remove(&sender);
            } else {
                loads.by_sender.insert(sender, left);
            }
        }
    }

    /// Nothing of a sender is left.
    pub(super) fn forget(&self, sender: SenderId) {
        let mut loads = self.loads();
        if let Some(load) = loads.by_sender.remove(&sender) {
            loads.all = loads.all.less(load);
        }
    }
}
