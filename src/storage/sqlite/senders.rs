//! Senders and their credentials.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::ending::{OF_SENDER, end_waiting};
use super::failure::failure;
use super::open::overwrite_erased;
use super::row::{UNREADABLE, bytes, get, id, key_list, number, parsed, some_day};
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, Credential, CredentialId, Scopes, SecretHash, Sender, SenderId, SenderState};
use crate::storage::{NewCredential, Senders, StorageError};

const ADD: &str = "
INSERT INTO senders (id, name, state, content_policy, created_day) VALUES ($1, $2, $3, $4, $5)";

const ADD_CREDENTIAL: &str = "
INSERT INTO credentials (id, sender, secret_hash, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)";

const LIST: &str = "
SELECT id, name, state, content_policy, created_day
FROM senders WHERE id > $1 ORDER BY id LIMIT $2";

const FIND: &str = "
SELECT id, name, state, content_policy, created_day FROM senders WHERE id = $1";

const CREDENTIALS: &str = "
SELECT credentials.id, credentials.sender, credentials.secret_hash, credentials.scopes,
    credentials.expires_at, credentials.last_used_day, senders.state, senders.content_policy
FROM json_each($1) AS asked
CROSS JOIN credentials ON credentials.id = unhex(asked.value)
CROSS JOIN senders ON senders.id = credentials.sender";

const CREDENTIAL_USED: &str = "
UPDATE credentials SET last_used_day = $2
WHERE id = $1 AND (last_used_day IS NULL OR last_used_day < $2)";

const SET_STATE: &str = "UPDATE senders SET state = $2 WHERE id = $1";

/// Everything of a sender, what refers to a row before the row itself.
/// What goes with a sender; the sender itself last.
pub(super) const ERASE: [&str; 5] = [
    "DELETE FROM deliveries WHERE notification IN (SELECT seq FROM notifications WHERE sender = $1)",
    "DELETE FROM notifications WHERE sender = $1",
    "DELETE FROM subscriptions WHERE sender = $1",
    "DELETE FROM credentials WHERE sender = $1",
    "DELETE FROM senders WHERE id = $1",
];

#[async_trait]
impl Senders for SqliteStore {
    async fn add(
        &self,
        sender: &Sender,
        credential: &NewCredential,
        entry: &AuditEntry,
    ) -> Result<(), StorageError> {
        let mut transaction = self.connections.begin().await?;
        sqlx::query(ADD)
            .bind(sender.id.as_bytes().as_slice())
            .bind(sender.name.as_str())
            .bind(sender.state.as_str())
            .bind(sender.content_policy.as_str())
            .bind(sender.created_day.0)
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        sqlx::query(ADD_CREDENTIAL)
            .bind(credential.id.as_bytes().as_slice())
            .bind(sender.id.as_bytes().as_slice())
            .bind(credential.secret_hash.0.as_slice())
            .bind(credential.scopes.bits())
            .bind(credential.expires_at.map(|at| at.0))
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await
    }

    async fn list(&self, after: Option<SenderId>, limit: u32) -> Result<Vec<Sender>, StorageError> {
        let mut reader = self.connections.read().await;
        // The empty blob sorts before every id.
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let query = sqlx::query(LIST).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(sender).collect()
    }

    async fn find(&self, id: SenderId) -> Result<Option<Sender>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(FIND).bind(id.as_bytes().as_slice());
        let row = query.fetch_optional(&mut *reader).await.map_err(failure)?;
        row.as_ref().map(sender).transpose()
    }

    async fn credential(&self, id: CredentialId) -> Result<Option<Credential>, StorageError> {
        let before = match self.recent_credentials.find(id) {
            Ok(credential) => return Ok(Some(credential)),
            Err(before) => before,
        };
        let found = self.credentials.get(id, |ids| self.read_credentials(ids)).await?;
        if let Some(credential) = &found {
            self.recent_credentials.keep(before, credential);
        }
        Ok(found)
    }

    async fn credential_used(&self, id: CredentialId, day: Day) -> Result<(), StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(CREDENTIAL_USED).bind(id.as_bytes().as_slice()).bind(day.0);
        query.execute(&mut *writer).await.map_err(|error| self.connections.write_failure(error))?;
        self.recent_credentials.empty();
        Ok(())
    }

    async fn suspend(&self, id: SenderId, entry: &AuditEntry) -> Result<bool, StorageError> {
        self.set_state(id, SenderState::Suspended, entry).await
    }

    async fn resume(&self, id: SenderId, entry: &AuditEntry) -> Result<bool, StorageError> {
        self.set_state(id, SenderState::Active, entry).await
    }

    async fn erase(&self, id: SenderId, entry: &AuditEntry) -> Result<bool, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let mut erased = 0;
        for statement in ERASE {
            let query = sqlx::query(statement).bind(id.as_bytes().as_slice());
            erased = query.execute(&mut *transaction).await.map_err(failure)?.rows_affected();
        }
        // The last statement erases the sender itself.
        if erased == 0 {
            return Ok(false);
        }
        audit::append(&mut transaction, entry).await?;
        let committed = transaction.commit().await;
        self.recent_credentials.empty();
        committed?;
        if let Some(erasures) = &self.erasures {
            erasures.note(id, entry.at);
        }
        overwrite_erased(&mut *self.connections.write().await).await?;
        Ok(true)
    }
}

impl SqliteStore {
    async fn set_state(
        &self,
        id: SenderId,
        state: SenderState,
        entry: &AuditEntry,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(SET_STATE).bind(id.as_bytes().as_slice()).bind(state.as_str());
        let changed = query.execute(&mut *transaction).await.map_err(failure)?.rows_affected();
        if changed == 0 {
            return Ok(false);
        }
        if state == SenderState::Suspended {
            let waiting = sqlx::query(OF_SENDER).bind(id.as_bytes().as_slice());
            end_waiting(&mut transaction, waiting, entry.at).await?;
        }
        audit::append(&mut transaction, entry).await?;
        let committed = transaction.commit().await;
        self.recent_credentials.empty();
        committed?;
        Ok(true)
    }

    async fn read_credentials(
        &self,
        ids: Vec<CredentialId>,
    ) -> Result<Vec<Option<Credential>>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(CREDENTIALS).bind(key_list(ids.iter().map(CredentialId::as_bytes)));
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        drop(reader);
        let found = rows.iter().map(|row| credential(row).map(|credential| (credential.id, credential)));
        let found: HashMap<_, _> = found.collect::<Result<_, _>>()?;
        Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
    }
}

fn sender(row: &SqliteRow) -> Result<Sender, StorageError> {
    Ok(Sender {
        id: id(row, 0)?,
        name: parsed(row, 1)?,
        state: state(row, 2)?,
        content_policy: parsed(row, 3)?,
        created_day: Day(get(row, 4)?),
    })
}

fn credential(row: &SqliteRow) -> Result<Credential, StorageError> {
    Ok(Credential {
        id: id(row, 0)?,
        sender: id(row, 1)?,
        secret_hash: SecretHash(bytes(row, 2)?),
        scopes: Scopes::from_bits(number(row, 3)?),
        expires_at: get::<Option<i64>>(row, 4)?.map(UnixMillis),
        last_used_day: some_day(row, 5)?,
        sender_state: state(row, 6)?,
        content_policy: parsed(row, 7)?,
    })
}

fn state(row: &SqliteRow, index: usize) -> Result<SenderState, StorageError> {
    let stored: &str = get(row, index)?;
    let states = [SenderState::Active, SenderState::Suspended];
    states.into_iter().find(|state| state.as_str() == stored).ok_or(UNREADABLE)
}
