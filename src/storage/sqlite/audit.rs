//! The audit log.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{bytes, get, time};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{AuditEntry, AuditMark, AuditRecord};
use crate::storage::{Audit, StorageError};

const LAST: &str = "SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1";

const APPEND: &str = "
INSERT INTO audit_log (sequence, at, actor, action, subject, detail, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const LIST: &str = "
SELECT sequence, at, actor, action, subject, detail, hash
FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT $2";

const LAST_DETAIL: &str = "
SELECT detail FROM audit_log WHERE subject = $1 AND action = $2 ORDER BY sequence DESC LIMIT 1";

const HEAD_BEFORE: &str = "
SELECT sequence, hash FROM audit_log WHERE at < $1 ORDER BY sequence DESC LIMIT 1";

const LAST_CUT: &str = "SELECT sequence, hash FROM audit_cuts ORDER BY sequence DESC LIMIT 1";

const OLD_END: &str = "SELECT sequence, hash, at, action FROM audit_log ORDER BY sequence LIMIT $1";

const NOTE_CUT: &str = "INSERT INTO audit_cuts (sequence, hash) VALUES ($1, $2)";
const CUT: &str = "DELETE FROM audit_log WHERE sequence <= $1";

/// Appends `entry` within the caller's transaction; where it stands then.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    entry: &AuditEntry,
) -> Result<AuditMark, StorageError> {
    let last = sqlx::query(LAST).fetch_optional(&mut *connection).await.map_err(failure)?;
    let last = last.as_ref().map_or(Ok(AuditMark::BEGINNING), mark)?;
    let record = AuditRecord::after(&last, entry);
    let mut query = sqlx::query(APPEND).bind(record.sequence).bind(record.at.0);
    for text in [&record.actor, &record.action, &record.subject, &record.detail] {
        query = query.bind(text);
    }
    query.bind(record.hash.to_vec()).execute(connection).await.map_err(failure)?;
    Ok(record.mark())
}

#[async_trait]
impl Audit for SqliteStore {
    async fn append(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        let mut transaction = self.connections.begin().await?;
        append(&mut transaction, entry).await?;
        transaction.commit().await
    }

    async fn append_news(&self, entry: &AuditEntry) -> Result<bool, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(LAST_DETAIL).bind(&entry.subject).bind(entry.action);
        let last = query.fetch_optional(&mut *transaction).await.map_err(failure)?;
        if last.map(|row| get::<String>(&row, 0)).transpose()?.as_ref() == Some(&entry.detail) {
            return Ok(false);
        }
        append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn list(&self, after: i64, limit: u32) -> Result<Vec<AuditRecord>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(LIST).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(record).collect()
    }

    async fn head_before(&self, before: UnixMillis) -> Result<Option<AuditMark>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(HEAD_BEFORE).bind(before.0);
        if let Some(row) = query.fetch_optional(&mut *reader).await.map_err(failure)? {
            return mark(&row).map(Some);
        }
        last_cut(&mut reader).await
    }

    async fn last_cut(&self) -> Result<Option<AuditMark>, StorageError> {
        last_cut(&mut *self.connections.read().await).await
    }

    async fn cut(&self, before: UnixMillis, limit: u32, entry: &AuditEntry) -> Result<u64, StorageError> {
        let mut reader = self.connections.read().await;
        let old = old_end(&mut reader, before, limit, entry.action).await?;
        drop(reader);
        if old.is_none() {
            return Ok(0);
        }
        let mut transaction = self.connections.begin().await?;
        // Once more where nobody else writes.
        let old = old_end(&mut transaction, before, limit, entry.action).await?;
        let Some((cut, count)) = old else { return Ok(0) };
        if let Some(list) = &self.erasures {
            // The log is where the truth about erased senders is, until here.
            list.complete(&mut transaction).await?;
        }
        append(&mut transaction, &AuditEntry { detail: cut.told(), ..entry.clone() }).await?;
        let note = sqlx::query(NOTE_CUT).bind(cut.sequence).bind(cut.hash.to_vec());
        note.execute(&mut *transaction).await.map_err(failure)?;
        sqlx::query(CUT).bind(cut.sequence).execute(&mut *transaction).await.map_err(failure)?;
        transaction.commit().await?;
        Ok(count)
    }
}

async fn last_cut(connection: &mut SqliteConnection) -> Result<Option<AuditMark>, StorageError> {
    let row = sqlx::query(LAST_CUT).fetch_optional(connection).await.map_err(failure)?;
    row.as_ref().map(mark).transpose()
}

/// The last of the first `limit` entries that are all from before `before`, and how many they are; `None` where there
/// are none, or fewer than `limit` that all only tell of `cuts`: each cut would leave one more to cut.
async fn old_end(
    connection: &mut SqliteConnection,
    before: UnixMillis,
    limit: u32,
    cuts: &str,
) -> Result<Option<(AuditMark, u64)>, StorageError> {
    let rows = sqlx::query(OLD_END).bind(limit).fetch_all(connection).await.map_err(failure)?;
    let (mut end, mut count, mut only_cuts) = (None, 0, true);
    for row in &rows {
        if time(row, 2)? >= before {
            break;
        }
        only_cuts &= get::<&str>(row, 3)? == cuts;
        end = Some(mark(row)?);
        count += 1;
    }
    Ok(end.filter(|_| !only_cuts || count == u64::from(limit)).map(|end| (end, count)))
}

fn mark(row: &SqliteRow) -> Result<AuditMark, StorageError> {
    Ok(AuditMark { sequence: get(row, 0)?, hash: bytes(row, 1)? })
}

/// An entry, from the columns that [`LIST`] names.
pub(super) fn record(row: &SqliteRow) -> Result<AuditRecord, StorageError> {
    Ok(AuditRecord {
        sequence: get(row, 0)?,
        at: time(row, 1)?,
        actor: get(row, 2)?,
        action: get(row, 3)?,
        subject: get(row, 4)?,
        detail: get(row, 5)?,
        hash: bytes(row, 6)?,
    })
}
