//! The audit log.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{bytes, get, time};
use super::store::SqliteStore;
use crate::model::AuditEntry;
use crate::storage::audit_chain::{BEGINNING, follows, link};
use crate::storage::{Audit, AuditRecord, StorageError};

const LAST: &str = "SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1";

const APPEND: &str = "
INSERT INTO audit_log (sequence, at, actor, action, subject, detail, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const LIST: &str = "
SELECT sequence, at, actor, action, subject, detail, hash
FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/// So many entries are checked at a time, so that a long log does not fill the memory.
const STEP: u32 = 1000;

/// Appends `entry` within the caller's transaction.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    entry: &AuditEntry,
) -> Result<(), StorageError> {
    let last = sqlx::query(LAST).fetch_optional(&mut *connection).await.map_err(failure)?;
    let (sequence, previous) = match last {
        Some(row) => (get::<i64>(&row, 0)?, bytes(&row, 1)?),
        None => (0, BEGINNING),
    };
    let sequence = sequence + 1;
    let actor = entry.actor.to_string();
    let texts = [actor.as_str(), entry.action, &entry.subject, &entry.detail];
    let hash = link(&previous, sequence, entry.at, texts);
    let mut query = sqlx::query(APPEND).bind(sequence).bind(entry.at.0);
    for text in texts {
        query = query.bind(text);
    }
    query.bind(hash.to_vec()).execute(connection).await.map_err(failure)?;
    Ok(())
}

#[async_trait]
impl Audit for SqliteStore {
    async fn append(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        let mut transaction = self.connections.begin().await?;
        append(&mut transaction, entry).await?;
        transaction.commit().await
    }

    async fn list(&self, after: i64, limit: u32) -> Result<Vec<AuditRecord>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(LIST).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(record).collect()
    }

    async fn first_broken(&self) -> Result<Option<i64>, StorageError> {
        let (mut sequence, mut hash) = (0, BEGINNING);
        loop {
            let records = Audit::list(self, sequence, STEP).await?;
            if records.is_empty() {
                return Ok(None);
            }
            for record in records {
                if !follows(&record, sequence, &hash) {
                    return Ok(Some(record.sequence));
                }
                (sequence, hash) = (record.sequence, record.hash);
            }
        }
    }
}

fn record(row: &SqliteRow) -> Result<AuditRecord, StorageError> {
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
