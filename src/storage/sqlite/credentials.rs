//! Senders' credentials.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::failure::failure;
use super::row::{bytes, get, id, key_list, number, parsed, some_day};
use super::senders::state;
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{
    AuditEntry, Credential, CredentialId, Scope, Scopes, SecretHash, SenderCredential, SenderId,
};
use crate::storage::{
    ActError, AddedCredential, Credentials, NewCredential, RemovedCredential, StorageError,
};

const INSERT: &str = "
INSERT INTO credentials (id, sender, secret_hash, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)";

const FIND: &str = "
SELECT credentials.id, credentials.sender, credentials.secret_hash, credentials.scopes,
    credentials.expires_at, credentials.last_used_day, senders.state, senders.content_policy
FROM json_each($1) AS asked
CROSS JOIN credentials ON credentials.id = unhex(asked.value)
CROSS JOIN senders ON senders.id = credentials.sender";

const USED: &str = "
UPDATE credentials SET last_used_day = $2
WHERE id = $1 AND (last_used_day IS NULL OR last_used_day < $2)";

const OF_SENDER: &str = "
SELECT id, scopes, expires_at, last_used_day FROM credentials WHERE sender = $1 ORDER BY id";

const OF_ID: &str = "
SELECT id, scopes, expires_at, last_used_day, sender, secret_hash FROM credentials WHERE id = $1";

const COUNT: &str = "
SELECT count(*) FROM credentials WHERE sender = $1 AND (expires_at IS NULL OR expires_at > $2)";

const SENDER_EXISTS: &str = "SELECT 1 FROM senders WHERE id = $1";

const REMOVE: &str = "DELETE FROM credentials WHERE id = $1";

const FORGET_EXPIRED: &str = "
DELETE FROM credentials WHERE id IN (SELECT id FROM credentials WHERE expires_at <= $1 LIMIT $2)";

/// A stored credential, with whose it is and the hash of its secret.
pub(super) struct Stored {
    pub(super) credential: SenderCredential,
    pub(super) sender: SenderId,
    pub(super) secret_hash: SecretHash,
}

/// Inserts `credential` within the caller's transaction.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    sender: SenderId,
    credential: &NewCredential,
) -> Result<(), StorageError> {
    sqlx::query(INSERT)
        .bind(credential.id.as_bytes().as_slice())
        .bind(sender.as_bytes().as_slice())
        .bind(credential.secret_hash.0.as_slice())
        .bind(credential.scopes.bits())
        .bind(credential.expires_at.map(|at| at.0))
        .execute(connection)
        .await
        .map_err(failure)?;
    Ok(())
}

/// The credential with this id, read within the caller's transaction.
pub(super) async fn stored(
    connection: &mut SqliteConnection,
    credential: CredentialId,
) -> Result<Option<Stored>, StorageError> {
    let query = sqlx::query(OF_ID).bind(credential.as_bytes().as_slice());
    let Some(row) = query.fetch_optional(connection).await.map_err(failure)? else { return Ok(None) };
    let secret_hash = SecretHash(bytes(&row, 5)?);
    Ok(Some(Stored { credential: listed(&row)?, sender: id(&row, 4)?, secret_hash }))
}

/// Deletes the credential with this id within the caller's transaction.
pub(super) async fn delete(
    connection: &mut SqliteConnection,
    credential: CredentialId,
) -> Result<(), StorageError> {
    let query = sqlx::query(REMOVE).bind(credential.as_bytes().as_slice());
    query.execute(connection).await.map_err(failure)?;
    Ok(())
}

#[async_trait]
impl Credentials for SqliteStore {
    async fn find(&self, id: CredentialId) -> Result<Option<Credential>, StorageError> {
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

    async fn used(&self, id: CredentialId, day: Day) -> Result<(), StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(USED).bind(id.as_bytes().as_slice()).bind(day.0);
        query.execute(&mut *writer).await.map_err(|error| self.connections.write_failure(error))?;
        self.recent_credentials.empty();
        Ok(())
    }

    async fn of_sender(&self, sender: SenderId) -> Result<Vec<SenderCredential>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(OF_SENDER).bind(sender.as_bytes().as_slice());
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(listed).collect()
    }

    async fn add(
        &self,
        sender: SenderId,
        credential: &NewCredential,
        most: u32,
        entry: &AuditEntry,
    ) -> Result<AddedCredential, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        if let Some(there) = stored(&mut transaction, credential.id).await? {
            let same = there.sender == sender
                && there.secret_hash == credential.secret_hash
                && there.credential.scopes == credential.scopes;
            return Ok(if same { AddedCredential::Same(there.credential) } else { AddedCredential::IdTaken });
        }
        let sender_id = sender.as_bytes().as_slice();
        let found = sqlx::query(SENDER_EXISTS).bind(sender_id);
        if found.fetch_optional(&mut *transaction).await.map_err(failure)?.is_none() {
            return Ok(AddedCredential::NoSuchSender);
        }
        let count = sqlx::query_scalar::<_, i64>(COUNT).bind(sender_id).bind(entry.at.0);
        if count.fetch_one(&mut *transaction).await.map_err(failure)? >= i64::from(most) {
            return Ok(AddedCredential::TooMany);
        }
        insert(&mut transaction, sender, credential).await?;
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(AddedCredential::Added)
    }

    async fn remove(
        &self,
        sender: SenderId,
        id: CredentialId,
        entry: &AuditEntry,
    ) -> Result<RemovedCredential, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        let query = sqlx::query(OF_SENDER).bind(sender.as_bytes().as_slice());
        let rows = query.fetch_all(&mut *transaction).await.map_err(failure)?;
        let all = rows.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
        if !all.iter().any(|one| one.id == id) {
            return Ok(RemovedCredential::Missing);
        }
        let is_admin = |one: &SenderCredential| {
            one.scopes.contains(Scope::Admin) && one.expires_at.is_none_or(|at| at > entry.at)
        };
        let (removed, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.id == id);
        if removed.iter().any(is_admin) && !rest.iter().any(is_admin) {
            return Ok(RemovedCredential::LastAdmin);
        }
        delete(&mut transaction, id).await?;
        audit::append(&mut transaction, entry).await?;
        let committed = transaction.commit().await;
        self.recent_credentials.empty();
        committed?;
        self.overwrite().await?;
        Ok(RemovedCredential::Done)
    }

    async fn forget_expired(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(FORGET_EXPIRED).bind(now.0).bind(limit).execute(&mut *writer).await;
        // An entry that is still in the cache has expired too, which whoever authenticates sees.
        let erased = query.map_err(|error| self.connections.write_failure(error))?.rows_affected();
        if erased > 0 {
            self.overwriting.overwrite(&mut writer).await?;
        }
        Ok(erased)
    }
}

impl SqliteStore {
    async fn read_credentials(
        &self,
        ids: Vec<CredentialId>,
    ) -> Result<Vec<Option<Credential>>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(FIND).bind(key_list(ids.iter().map(CredentialId::as_bytes)));
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        drop(reader);
        let found = rows.iter().map(|row| credential(row).map(|credential| (credential.id, credential)));
        let found: HashMap<_, _> = found.collect::<Result<_, _>>()?;
        Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
    }
}

fn listed(row: &SqliteRow) -> Result<SenderCredential, StorageError> {
    Ok(SenderCredential {
        id: id(row, 0)?,
        scopes: Scopes::from_bits(number(row, 1)?),
        expires_at: get::<Option<i64>>(row, 2)?.map(UnixMillis),
        last_used_day: some_day(row, 3)?,
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
