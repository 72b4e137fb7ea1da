//! What is known of notifications: by it, a repeated request gets the answer of the first.

use sqlx::sqlite::SqliteRow;

use super::ending::form;
use super::failure::failure;
use super::row::{bytes, get, id, key_list, number};
use super::store::SqliteStore;
use crate::model::{NotificationId, SenderId};
use crate::storage::{Known, StorageError, outcome_log};

/// One statement, so that a target is seen either waiting or decided, never both or neither. The keys are
/// sender and notification, 16 bytes each.
const KNOWN: &str = "
WITH found AS (
    SELECT asked.key AS place, notifications.seq, body_hash, outcomes
    FROM json_each($1) AS asked
    CROSS JOIN notifications ON notifications.sender = substr(unhex(asked.value), 1, 16)
        AND notifications.id = substr(unhex(asked.value), 17))
SELECT place, body_hash, outcomes, NULL, NULL FROM found
UNION ALL
SELECT place, NULL, NULL, deliveries.subscription, deliveries.form
FROM found CROSS JOIN deliveries ON deliveries.notification = found.seq";

impl SqliteStore {
    /// See [`crate::storage::Outbox::known`]; answers in the order of `asked`.
    pub(super) async fn read_known(
        &self,
        asked: Vec<(SenderId, NotificationId)>,
    ) -> Result<Vec<Option<Known>>, StorageError> {
        let keys = asked.iter().map(|(sender, id)| [*sender.as_bytes(), *id.as_bytes()].concat());
        let mut reader = self.connections.read().await;
        let rows = sqlx::query(KNOWN).bind(key_list(keys)).fetch_all(&mut *reader).await.map_err(failure)?;
        drop(reader);

        let mut known = vec![None; asked.len()];
        for row in &rows {
            let place: usize = number(row, 0)?;
            read_into(&mut known[place], row)?;
        }
        Ok(known)
    }
}

/// The row of a notification comes before those of its deliveries.
fn read_into(known: &mut Option<Known>, row: &SqliteRow) -> Result<(), StorageError> {
    match known {
        None => {
            let decided = outcome_log::decode(get(row, 2)?)?;
            *known = Some(Known { body_hash: bytes(row, 1)?, decided, pending: Vec::new() });
        }
        Some(known) => known.pending.push((id(row, 3)?, form(row, 4)?)),
    }
    Ok(())
}
