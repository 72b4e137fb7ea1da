//! Operators' tokens.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::failure::failure;
use super::row::{bytes, get, id, parsed, some_day};
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, OperatorToken, OperatorTokenId, SecretHash};
use crate::storage::{ActError, OperatorTokens, StorageError};

const ADD: &str = "
INSERT INTO operator_tokens (id, secret_hash, role, expires_at, last_used_day) VALUES ($1, $2, $3, $4, $5)";

const LIST: &str = "
SELECT id, secret_hash, role, expires_at, last_used_day
FROM operator_tokens WHERE id > $1 ORDER BY id LIMIT $2";

const FIND: &str = "
SELECT id, secret_hash, role, expires_at, last_used_day FROM operator_tokens WHERE id = $1";

const USED: &str = "
UPDATE operator_tokens SET last_used_day = $2
WHERE id = $1 AND (last_used_day IS NULL OR last_used_day < $2)";

const REVOKE: &str = "DELETE FROM operator_tokens WHERE id = $1";

const FORGET_EXPIRED: &str = "
DELETE FROM operator_tokens WHERE id IN (SELECT id FROM operator_tokens WHERE expires_at <= $1 LIMIT $2)";

#[async_trait]
impl OperatorTokens for SqliteStore {
    async fn add(&self, token: &OperatorToken, entry: &AuditEntry) -> Result<(), ActError> {
        let mut transaction = self.begin_as(entry).await?;
        sqlx::query(ADD)
            .bind(token.id.as_bytes().as_slice())
            .bind(token.secret_hash.0.as_slice())
            .bind(token.role.as_str())
            .bind(token.expires_at.map(|at| at.0))
            .bind(token.last_used_day.map(|day| day.0))
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn list(
        &self,
        after: Option<OperatorTokenId>,
        limit: u32,
    ) -> Result<Vec<OperatorToken>, StorageError> {
        let mut reader = self.connections.read().await;
        // The empty blob sorts before every id.
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let query = sqlx::query(LIST).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(token).collect()
    }

    async fn find(&self, id: OperatorTokenId) -> Result<Option<OperatorToken>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(FIND).bind(id.as_bytes().as_slice());
        let row = query.fetch_optional(&mut *reader).await.map_err(failure)?;
        row.as_ref().map(token).transpose()
    }

    async fn used(&self, id: OperatorTokenId, day: Day) -> Result<(), StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(USED).bind(id.as_bytes().as_slice()).bind(day.0);
        query.execute(&mut *writer).await.map_err(|error| self.connections.write_failure(error))?;
        Ok(())
    }

    async fn revoke(&self, id: OperatorTokenId, entry: &AuditEntry) -> Result<bool, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        let query = sqlx::query(REVOKE).bind(id.as_bytes().as_slice());
        if query.execute(&mut *transaction).await.map_err(failure)?.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await?;
        self.overwrite().await?;
        Ok(true)
    }

    async fn forget_expired(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(FORGET_EXPIRED).bind(now.0).bind(limit).execute(&mut *writer).await;
        Ok(query.map_err(|error| self.connections.write_failure(error))?.rows_affected())
    }
}

fn token(row: &SqliteRow) -> Result<OperatorToken, StorageError> {
    Ok(OperatorToken {
        id: id(row, 0)?,
        secret_hash: SecretHash(bytes(row, 1)?),
        role: parsed(row, 2)?,
        expires_at: get::<Option<i64>>(row, 3)?.map(UnixMillis),
        last_used_day: some_day(row, 4)?,
    })
}
