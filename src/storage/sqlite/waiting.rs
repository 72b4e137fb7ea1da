//! What waits, in groups: for the operator, who asks now and then. Walks over the whole outbox on a connection that only
//! reads, and holds up nobody.

use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{get, number, parsed, some_parsed};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::storage::{StorageError, WaitingGroup};

const GROUPS: &str = "
SELECT registrations.app, registrations.push_service, registrations.environment,
    count(*), coalesce(sum(length(deliveries.payload)), 0),
    sum(deliveries.leased_until IS NOT NULL),
    sum(deliveries.leased_until IS NULL AND deliveries.due_at <= $1),
    sum(deliveries.attempts > 0),
    sum(notifications.accepted_at > $1 - 60000), sum(notifications.accepted_at > $1 - 3600000),
    sum(notifications.accepted_at > $1 - 86400000),
    min(notifications.accepted_at), min(CASE WHEN deliveries.leased_until IS NULL THEN deliveries.due_at END)
FROM deliveries
CROSS JOIN notifications ON notifications.seq = deliveries.notification
CROSS JOIN subscriptions ON subscriptions.id = deliveries.subscription
CROSS JOIN registrations ON registrations.id = subscriptions.registration
GROUP BY registrations.app, registrations.push_service, registrations.environment
ORDER BY registrations.app, registrations.push_service, registrations.environment";

impl SqliteStore {
    /// See [`crate::storage::Outbox::groups`].
    pub(super) async fn read_groups(&self, now: UnixMillis) -> Result<Vec<WaitingGroup>, StorageError> {
        let mut reader = self.connections.read().await;
        let rows = sqlx::query(GROUPS).bind(now.0).fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(group).collect()
    }
}

fn group(row: &SqliteRow) -> Result<WaitingGroup, StorageError> {
    let (waiting, minute, hour, day) = (number(row, 3)?, number(row, 8)?, number(row, 9)?, number(row, 10)?);
    let between = |younger: u64, older: u64| older.saturating_sub(younger);
    Ok(WaitingGroup {
        app: parsed(row, 0)?,
        push_service: parsed(row, 1)?,
        environment: some_parsed(row, 2)?,
        waiting,
        payload_bytes: number(row, 4)?,
        leased: number(row, 5)?,
        due: number(row, 6)?,
        tried: number(row, 7)?,
        ages: [minute, between(minute, hour), between(hour, day), between(day, waiting)],
        oldest: UnixMillis(get(row, 11)?),
        next_due: get::<Option<i64>>(row, 12)?.map(UnixMillis),
    })
}
