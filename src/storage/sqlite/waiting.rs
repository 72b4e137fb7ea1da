//! What waits, in groups: for the operator, who asks now and then. Walks over the whole outbox on one of the
//! connections that only read, one walk at a time.

use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{get, number, parsed};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::storage::{StorageError, WaitingGroup};

const GROUPS: &str = "
SELECT deliveries.way, count(*), coalesce(sum(length(deliveries.payload)), 0),
    sum(deliveries.leased_until IS NOT NULL),
    sum(deliveries.leased_until IS NULL AND deliveries.due_at <= $1),
    sum(deliveries.attempts > 0),
    sum(notifications.accepted_at > $1 - 60000), sum(notifications.accepted_at > $1 - 3600000),
    sum(notifications.accepted_at > $1 - 86400000),
    min(notifications.accepted_at), min(CASE WHEN deliveries.leased_until IS NULL THEN deliveries.due_at END)
FROM deliveries
CROSS JOIN notifications ON notifications.seq = deliveries.notification
GROUP BY deliveries.way ORDER BY deliveries.way";

impl SqliteStore {
    /// See [`crate::storage::Outbox::groups`].
    pub(super) async fn read_groups(&self, now: UnixMillis) -> Result<Vec<WaitingGroup>, StorageError> {
        let _alone = self.walk.lock().await;
        let mut reader = self.connections.read().await;
        let rows = sqlx::query(GROUPS).bind(now.0).fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(group).collect()
    }
}

fn group(row: &SqliteRow) -> Result<WaitingGroup, StorageError> {
    let (waiting, minute, hour, day) = (number(row, 1)?, number(row, 6)?, number(row, 7)?, number(row, 8)?);
    let between = |younger: u64, older: u64| older.saturating_sub(younger);
    Ok(WaitingGroup {
        way: parsed(row, 0)?,
        waiting,
        payload_bytes: number(row, 2)?,
        leased: number(row, 3)?,
        due: number(row, 4)?,
        tried: number(row, 5)?,
        ages: [minute, between(minute, hour), between(hour, day), between(day, waiting)],
        oldest: UnixMillis(get(row, 9)?),
        next_due: get::<Option<i64>>(row, 10)?.map(UnixMillis),
    })
}
