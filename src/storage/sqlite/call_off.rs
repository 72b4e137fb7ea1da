//! Ending what waits because it was called off: withdrawn by its sender, or replaced by a newer one.

use std::collections::HashMap;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::backlog::Change;
use super::ending::{Ends, form};
use super::failure::failure;
use super::lease::{DELETE, row_list};
use super::row::{bytes, get, id, key_list};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{CalledOff, CollapseHash, DeliveryKey, Holding, Outcome, SubscriptionId, TargetOutcome};
use crate::storage::{CallOff, StorageError};

const OF_NOTIFICATION: &str = "
SELECT deliveries.seq, deliveries.notification, deliveries.subscription, deliveries.form,
    deliveries.leased_until IS NOT NULL, deliveries.collapse, notifications.id, deliveries.id,
    deliveries.sender, deliveries.way, coalesce(length(deliveries.payload), 1400 * (deliveries.form = 4))
FROM notifications CROSS JOIN deliveries ON deliveries.notification = notifications.seq
WHERE notifications.sender = $1 AND notifications.id = $2";

/// The keys are subscription (16 bytes) and collapse hash (24).
const OF_COLLAPSE: &str = "
SELECT deliveries.seq, deliveries.notification, deliveries.subscription, deliveries.form,
    deliveries.leased_until IS NOT NULL, deliveries.collapse, notifications.id, deliveries.id,
    deliveries.sender, deliveries.way, coalesce(length(deliveries.payload), 1400 * (deliveries.form = 4))
FROM json_each($1) AS asked
CROSS JOIN deliveries ON deliveries.subscription = substr(unhex(asked.value), 1, 16)
    AND deliveries.collapse = substr(unhex(asked.value), 17)
CROSS JOIN notifications ON notifications.seq = deliveries.notification";

/// Subscription and collapse key: what a newer delivery shares with those that it replaces.
pub(super) type Place = (SubscriptionId, CollapseHash);

impl SqliteStore {
    /// See [`crate::storage::Outbox::call_off`].
    pub(super) async fn end_called_off(
        &self,
        which: &CallOff<'_>,
        why: CalledOff,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<u64, StorageError> {
        // Usually nothing waits, and then nobody has to wait for the connection that writes.
        if find(&mut *self.connections.read().await, which).await?.is_empty() {
            return Ok(0);
        }
        let (mut holding, mut gone) = (self.under_way.holding(), Change::default());
        let mut transaction = self.connections.begin().await?;
        let rows = find(&mut transaction, which).await?;
        let called_off = (&mut holding, &mut gone);
        let ended = end(&mut transaction, &rows, called_off, why, at, keep_until).await?;
        self.commit_counted(transaction, gone).await?;
        holding.written();
        Ok(ended)
    }
}

/// Ends within the caller's transaction what waits in `newest` beside the notification, by its row's number, that each
/// place belongs to now.
pub(super) async fn replace(
    connection: &mut SqliteConnection,
    newest: &HashMap<Place, i64>,
    called_off: (&mut Holding, &mut Change),
    at: UnixMillis,
    keep_until: UnixMillis,
) -> Result<(), StorageError> {
    if newest.is_empty() {
        return Ok(());
    }
    let places: Vec<Place> = newest.keys().copied().collect();
    let mut rows = find(connection, &CallOff::Collapse(&places)).await?;
    rows.retain(|row| {
        let place = id(row, 2).and_then(|subscription| Ok((subscription, CollapseHash(bytes(row, 5)?))));
        // What cannot be read is not ended here: leasing it does that.
        place.is_ok_and(|place| newest.get(&place) != get::<i64>(row, 1).ok().as_ref())
    });
    end(connection, &rows, called_off, CalledOff::Replaced, at, keep_until).await?;
    Ok(())
}

async fn find(
    connection: &mut SqliteConnection,
    which: &CallOff<'_>,
) -> Result<Vec<SqliteRow>, StorageError> {
    match which {
        CallOff::Notification { sender, id: notification, targets } => {
            let query = sqlx::query(OF_NOTIFICATION).bind(sender.as_bytes().to_vec());
            let query = query.bind(notification.as_bytes().to_vec());
            let mut rows = query.fetch_all(connection).await.map_err(failure)?;
            if let Some(targets) = targets {
                rows.retain(|row| id(row, 2).is_ok_and(|subscription| targets.contains(&subscription)));
            }
            Ok(rows)
        }
        CallOff::Collapse(places) => {
            let keys = places.iter().map(|(subscription, collapse)| {
                [subscription.as_bytes().as_slice(), collapse.0.as_slice()].concat()
            });
            sqlx::query(OF_COLLAPSE).bind(key_list(keys)).fetch_all(connection).await.map_err(failure)
        }
    }
}

/// Ends those of `rows` that are not under way.
async fn end(
    connection: &mut SqliteConnection,
    rows: &[SqliteRow],
    (holding, gone): (&mut Holding, &mut Change),
    why: CalledOff,
    at: UnixMillis,
    keep_until: UnixMillis,
) -> Result<u64, StorageError> {
    let (mut ends, mut ended) = (Ends::default(), Vec::new());
    for row in rows {
        let leased: bool = get(row, 4)?;
        if leased && !holding.call_off(key(row)?, why, at) {
            continue;
        }
        let outcome = Outcome::from(why);
        let target = TargetOutcome { subscription: id(row, 2)?, form: form(row, 3).ok(), outcome, at };
        ends.add(get(row, 1)?, &target);
        ended.push(get::<i64>(row, 0)?);
        gone.ended(row, 8, &target);
    }
    if ended.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query(DELETE).bind(row_list(&ended));
    query.execute(&mut *connection).await.map_err(failure)?;
    ends.write(connection, keep_until).await?;
    Ok(ended.len() as u64)
}

fn key(row: &SqliteRow) -> Result<DeliveryKey, StorageError> {
    Ok(DeliveryKey { sender: id(row, 8)?, notification: id(row, 6)?, delivery: id(row, 7)? })
}
