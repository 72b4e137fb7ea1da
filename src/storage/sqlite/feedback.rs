//! Feedback: an entry for each subscription that ended, until its sender acknowledged it.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection};
use tokio::sync::Notify;

use super::failure::failure;
use super::row::{UNREADABLE, bytes, get, id, key_list};
use super::store::SqliteStore;
use crate::base::{Day, Entropy, UnixMillis};
use crate::model::{FeedbackCursor, FeedbackEntry, SenderId, SubscriptionEnd, SubscriptionId};
use crate::storage::{Feedback, StorageError};

/// The keys are the entry's id, sender and subscription, 16 bytes each. Of a sender that is being erased nothing is
/// kept.
const ADD: &str = "
INSERT INTO feedback (id, sender, subscription, ended, day)
SELECT substr(unhex(value), 1, 16), substr(unhex(value), 17, 16), substr(unhex(value), 33), $2, $3
FROM json_each($1)";

/// Entries are erased from the oldest on, so the one that a cursor names is the first or near it.
const PLACE: &str = "SELECT seq FROM feedback WHERE sender = $1 AND id = $2 ORDER BY seq LIMIT 1";
const ACKNOWLEDGE: &str = "
DELETE FROM feedback WHERE sender = $1
    AND seq <= (SELECT seq FROM feedback WHERE sender = $1 AND id = $2 ORDER BY seq LIMIT 1)";
const ENTRIES: &str = "
SELECT id, subscription, ended, day FROM feedback WHERE sender = $1 ORDER BY seq LIMIT $2";

const FORGET_END: &str = "DELETE FROM feedback WHERE subscription = $1";

/// The oldest have the smallest numbers: no more than those are looked at.
const FORGET: &str = "
DELETE FROM feedback WHERE seq IN (
    SELECT seq FROM (SELECT seq, day FROM feedback ORDER BY seq LIMIT $2) WHERE day < $1)";

/// Senders that are to be told of something when the transaction is done.
#[derive(Debug, Default)]
pub(super) struct ToTell(HashSet<SenderId>);

/// Ends the subscriptions that `delete` deletes and returns (sender and id) within the caller's transaction, and notes
/// it for their senders, whom it adds. How many there were.
pub(super) async fn end_subscriptions(
    connection: &mut SqliteConnection,
    delete: sqlx::query::Query<'_, Sqlite, SqliteArguments>,
    end: SubscriptionEnd,
    at: UnixMillis,
    entropy: &dyn Entropy,
    to_tell: &mut ToTell,
) -> Result<u64, StorageError> {
    let rows = delete.fetch_all(&mut *connection).await.map_err(failure)?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        let (sender, subscription): (SenderId, SubscriptionId) = (id(row, 0)?, id(row, 1)?);
        let entry: [u8; 16] = entropy.bytes();
        keys.push([entry, *sender.as_bytes(), *subscription.as_bytes()].concat());
        to_tell.0.insert(sender);
    }
    let query = sqlx::query(ADD).bind(key_list(keys)).bind(end.as_str()).bind(at.day().0);
    query.execute(connection).await.map_err(failure)?;
    Ok(rows.len() as u64)
}

/// Forgets within the caller's transaction that a subscription of this id ended.
pub(super) async fn forget_end(
    connection: &mut SqliteConnection,
    subscription: SubscriptionId,
) -> Result<(), StorageError> {
    let query = sqlx::query(FORGET_END).bind(subscription.as_bytes().to_vec());
    query.execute(connection).await.map_err(failure)?;
    Ok(())
}

impl SqliteStore {
    /// The entries are written: those who wait for them are told.
    pub(super) fn tell(&self, senders: ToTell) {
        self.feedback_bells.ring(senders.0);
    }

    async fn acknowledge(&self, sender: SenderId, after: FeedbackCursor) -> Result<(), StorageError> {
        let of = |statement| sqlx::query(statement).bind(sender.as_bytes().to_vec()).bind(after.0.to_vec());
        // Who asks again with a cursor that was acknowledged has nothing to write.
        let is_there =
            of(PLACE).fetch_optional(&mut *self.connections.read().await).await.map_err(failure)?;
        if is_there.is_none() {
            return Ok(());
        }
        let query = of(ACKNOWLEDGE);
        let mut writer = self.connections.write().await;
        query.execute(&mut *writer).await.map_err(|error| self.connections.write_failure(error))?;
        Ok(())
    }
}

#[async_trait]
impl Feedback for SqliteStore {
    async fn entries(
        &self,
        sender: SenderId,
        after: Option<FeedbackCursor>,
        limit: u32,
    ) -> Result<Vec<FeedbackEntry>, StorageError> {
        if let Some(after) = after {
            self.acknowledge(sender, after).await?;
        }
        let query = sqlx::query(ENTRIES).bind(sender.as_bytes().to_vec()).bind(limit);
        let rows = query.fetch_all(&mut *self.connections.read().await).await.map_err(failure)?;
        rows.iter().map(entry).collect()
    }

    fn feedback_bell(&self, sender: SenderId) -> Arc<Notify> {
        self.feedback_bells.listen(sender)
    }

    async fn forget_feedback(&self, before: Day, limit: u32) -> Result<u64, StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(FORGET).bind(before.0).bind(limit);
        let forgotten = query.execute(&mut *writer).await;
        Ok(forgotten.map_err(|error| self.connections.write_failure(error))?.rows_affected())
    }
}

fn entry(row: &SqliteRow) -> Result<FeedbackEntry, StorageError> {
    let stored: &str = get(row, 2)?;
    Ok(FeedbackEntry {
        cursor: FeedbackCursor(bytes(row, 0)?),
        subscription: id(row, 1)?,
        end: SubscriptionEnd::ALL.into_iter().find(|end| end.as_str() == stored).ok_or(UNREADABLE)?,
        day: Day(get(row, 3)?),
    })
}
