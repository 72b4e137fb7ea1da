//! The outbox: what was promised and is not decided, and how it ended.

use std::time::Duration;

use async_trait::async_trait;

use super::failure::failure;
use super::notification_rows;
use super::padding::CHUNK;
use super::row::time;
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{CalledOff, Lease, NotificationId, SenderId, UnderWay};
use crate::storage::{
    CallOff, Enqueued, Finished, Known, Lane, LaneShare, Load, Outbox, Promise, SettledBatch, StorageError,
    WaitingGroup, outcome_log,
};

const RELEASE_ALL: &str = "UPDATE deliveries SET leased_until = NULL WHERE leased_until IS NOT NULL";

const BRING_FORWARD: &str = "
UPDATE deliveries SET due_at = max($1, due_at - $2) WHERE leased_until IS NULL AND due_at > $1";

const FORGET: &str = "
DELETE FROM notifications WHERE seq IN (
    SELECT seq FROM notifications
    WHERE keep_until <= $1
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.notification = notifications.seq)
    ORDER BY keep_until LIMIT $2)";

/// Rows are numbered as they come. One that became durable when its sender's wait was over came some seconds late.
const OLDEST: &str = "
SELECT accepted_at FROM notifications WHERE seq = (SELECT notification FROM deliveries ORDER BY seq LIMIT 1)";

#[async_trait]
impl Outbox for SqliteStore {
    async fn promise(&self, promise: &Promise<'_>) -> Result<Enqueued, StorageError> {
        let rows = self.promise_rows(promise)?;
        self.promises.get(rows, |promises| self.write_promises(promises)).await
    }

    async fn call_off(
        &self,
        which: &CallOff<'_>,
        why: CalledOff,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<u64, StorageError> {
        self.end_called_off(which, why, at, keep_until).await
    }

    fn under_way(&self) -> &UnderWay {
        &self.under_way
    }

    async fn finish(&self, finished: &[Finished]) -> Result<(), StorageError> {
        if finished.len() <= CHUNK {
            // One statement is a transaction by itself.
            let mut writer = self.connections.write().await;
            return insert_finished(&mut writer, finished)
                .await
                .map_err(|error| self.connections.write_failure(error));
        }
        let mut transaction = self.connections.begin().await?;
        for finished in finished.chunks(CHUNK) {
            insert_finished(&mut transaction, finished).await.map_err(failure)?;
        }
        transaction.commit().await
    }

    fn ended_without_attempt(&self) -> Vec<(&'static str, u64)> {
        self.backlog.ended()
    }

    fn lanes(&self) -> Vec<Lane> {
        self.backlog.lanes()
    }

    async fn lease(
        &self,
        from: &[LaneShare],
        now: UnixMillis,
        leased_until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Lease>, StorageError> {
        self.take_due(from, now, leased_until, limit).await
    }

    async fn bring_forward(&self, now: UnixMillis, by: Duration) -> Result<(), StorageError> {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let mut writer = self.connections.write().await;
        let query = sqlx::query(BRING_FORWARD).bind(now.0).bind(by);
        query.execute(&mut *writer).await.map_err(|error| self.connections.write_failure(error))?;
        Ok(())
    }

    async fn settle(
        &self,
        batch: &SettledBatch,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<(), StorageError> {
        self.write_settled(batch, at, keep_until).await
    }

    async fn release_all(&self) -> Result<u64, StorageError> {
        let mut writer = self.connections.write().await;
        let released = sqlx::query(RELEASE_ALL).execute(&mut *writer).await.map_err(failure)?;
        Ok(released.rows_affected())
    }

    async fn known(
        &self,
        sender: SenderId,
        notification: NotificationId,
    ) -> Result<Option<Known>, StorageError> {
        self.known.get((sender, notification), |asked| self.read_known(asked)).await
    }

    async fn forget(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(FORGET).bind(now.0).bind(limit);
        let forgotten = query.execute(&mut *writer).await;
        let forgotten = forgotten.map_err(|error| self.connections.write_failure(error))?.rows_affected();
        if forgotten > 0 {
            self.overwriting.overwrite(&mut writer).await?;
        }
        Ok(forgotten)
    }

    async fn writable(&self) -> Result<(), StorageError> {
        self.connections.writable().await
    }

    fn load(&self, sender: SenderId) -> (Load, Load) {
        self.backlog.of(sender)
    }

    async fn groups(&self, now: UnixMillis) -> Result<Vec<WaitingGroup>, StorageError> {
        self.read_groups(now).await
    }

    async fn depth(&self) -> Result<(Load, Option<UnixMillis>), StorageError> {
        let mut reader = self.connections.read().await;
        let oldest = sqlx::query(OLDEST).fetch_optional(&mut *reader).await.map_err(failure)?;
        Ok((self.backlog.all(), oldest.map(|row| time(&row, 0)).transpose()?))
    }
}

async fn insert_finished(
    connection: &mut sqlx::SqliteConnection,
    finished: &[Finished],
) -> Result<(), sqlx::Error> {
    if finished.is_empty() {
        return Ok(());
    }
    let rows = finished.iter().map(|one| (&one.notification, outcome_log::encode(&one.outcomes)));
    let mut query = notification_rows::insert(rows);
    query.build().execute(connection).await?;
    Ok(())
}
