//! What waits, in groups: for the operator, who asks now and then. Walks over the whole outbox on one of the
//! connections that only read, one walk at a time.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{get, number, parsed, time};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::PushWay;
use crate::storage::{StorageError, WaitingGroup};

/// Added up here, row by row: SQLite would sort them first, with their payloads, in memory.
const WAITING: &str = "
SELECT deliveries.way, coalesce(length(deliveries.payload), 1400 * (deliveries.form = 4)),
    deliveries.leased_until IS NOT NULL, deliveries.due_at, deliveries.attempts, notifications.accepted_at
FROM deliveries CROSS JOIN notifications ON notifications.seq = deliveries.notification";

/// Ages below which a delivery counts as younger than a minute, an hour, a day.
const AGES: [u64; 3] = [60, 3_600, 86_400];

impl SqliteStore {
    /// See [`crate::storage::Outbox::groups`].
    pub(super) async fn read_groups(&self, now: UnixMillis) -> Result<Vec<WaitingGroup>, StorageError> {
        let _alone = self.walk.lock().await;
        let mut reader = self.connections.read().await;
        let mut groups = BTreeMap::new();
        let mut rows = sqlx::query(WAITING).fetch(&mut *reader);
        while let Some(row) = rows.try_next().await.map_err(failure)? {
            let way: PushWay = parsed(&row, 0)?;
            let group = groups.entry(way.clone()).or_insert_with(|| WaitingGroup::none(way));
            add(group, &row, now)?;
        }
        Ok(groups.into_values().collect())
    }
}

fn add(group: &mut WaitingGroup, row: &SqliteRow, now: UnixMillis) -> Result<(), StorageError> {
    let (leased, due, accepted_at): (bool, UnixMillis, UnixMillis) =
        (get(row, 2)?, time(row, 3)?, time(row, 5)?);
    let age = now.since(accepted_at).as_secs();
    group.waiting += 1;
    group.payload_bytes += number::<u64>(row, 1)?;
    group.leased += u64::from(leased);
    group.due += u64::from(!leased && due <= now);
    group.tried += u64::from(number::<u32>(row, 4)? > 0);
    group.ages[AGES.partition_point(|most| age >= *most)] += 1;
    group.oldest = group.oldest.min(accepted_at);
    if !leased {
        group.next_due = Some(group.next_due.map_or(due, |next| next.min(due)));
    }
    Ok(())
}
