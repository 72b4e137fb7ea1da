//! Invites, and how servers join.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::credentials;
use super::failure::failure;
use super::row::{bytes, get, id, time};
use super::senders;
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{AuditEntry, CredentialId, Invite, InviteId, SecretHash, Sender, SenderId};
use crate::storage::{ActError, Admission, Joined, Joining, NewInvite, ShownInvite, StorageError};

const ADD: &str = "INSERT INTO invites (id, secret_hash, expires_at) VALUES ($1, $2, $3)";

const LIST: &str = "
SELECT id, expires_at, used_at IS NOT NULL FROM invites WHERE id > $1 ORDER BY id LIMIT $2";

const REVOKE: &str = "DELETE FROM invites WHERE id = $1 AND used_at IS NULL";

const FIND: &str = "SELECT secret_hash, expires_at, used_at, sender, credential FROM invites WHERE id = $1";

const USE: &str = "UPDATE invites SET used_at = $2, sender = $3, credential = $4 WHERE id = $1";

const FORGET: &str = "
DELETE FROM invites WHERE id IN (SELECT id FROM invites
    WHERE (used_at IS NULL AND expires_at <= $1) OR used_at < $2 LIMIT $3)";

const JOINED_OPENLY: &str = "UPDATE senders SET joined_openly = 1 WHERE id = $1";

/// What the audit log calls it when a credential that nobody used takes the place of another.
const JOIN_AGAIN: &str = "sender.join_again";

/// An invite as it stands in the store.
struct Stored {
    secret_hash: SecretHash,
    expires_at: UnixMillis,
    used: Option<Use>,
}

/// How an invite was used.
struct Use {
    at: UnixMillis,
    sender: SenderId,
    credential: CredentialId,
}

#[async_trait]
impl Admission for SqliteStore {
    async fn invite(&self, invites: &[NewInvite], entry: &AuditEntry) -> Result<(), ActError> {
        let mut transaction = self.begin_as(entry).await?;
        for invite in invites {
            sqlx::query(ADD)
                .bind(invite.id.as_bytes().as_slice())
                .bind(invite.secret_hash.0.as_slice())
                .bind(invite.expires_at.0)
                .execute(&mut *transaction)
                .await
                .map_err(failure)?;
            let entry = AuditEntry { subject: invite.id.to_string(), ..entry.clone() };
            audit::append(&mut transaction, &entry).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn invites(&self, after: Option<InviteId>, limit: u32) -> Result<Vec<Invite>, StorageError> {
        let mut reader = self.connections.read().await;
        // The empty blob sorts before every id.
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let query = sqlx::query(LIST).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(invite).collect()
    }

    async fn revoke_invite(&self, id: InviteId, entry: &AuditEntry) -> Result<bool, ActError> {
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

    async fn join(&self, joining: &Joining, entry: &AuditEntry) -> Result<Joined, StorageError> {
        let mut transaction = self.connections.begin().await?;
        if let Some(there) = credentials::stored(&mut transaction, joining.credential.id).await? {
            if there.secret_hash == joining.credential.secret_hash {
                let sender = senders::find(&mut transaction, there.sender).await?;
                return Ok(sender.map_or(Joined::CredentialIdTaken, Joined::Again));
            }
            // That an id is taken is told to nobody whose invite is made up.
            if let Some(shown) = &joining.invite
                && find(&mut transaction, shown, entry.at).await?.is_none()
            {
                return Ok(Joined::InviteInvalid);
            }
            return Ok(Joined::CredentialIdTaken);
        }
        if let Some(shown) = &joining.invite {
            let Some(invite) = find(&mut transaction, shown, entry.at).await? else {
                return Ok(Joined::InviteInvalid);
            };
            if let Some(used) = invite.used {
                let again = replace_unused(&mut transaction, joining, shown, &used, entry).await?;
                let Some(sender) = again else { return Ok(Joined::InviteUsed) };
                let committed = transaction.commit().await;
                self.recent_credentials.empty();
                committed?;
                return Ok(Joined::Again(sender));
            }
        }
        senders::insert(&mut transaction, &joining.sender).await?;
        credentials::insert(&mut transaction, joining.sender.id, &joining.credential).await?;
        if let Some(shown) = &joining.invite {
            use_up(&mut transaction, shown.id, entry.at, joining.sender.id, joining.credential.id).await?;
        } else {
            let query = sqlx::query(JOINED_OPENLY).bind(joining.sender.id.as_bytes().as_slice());
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(Joined::Made)
    }

    async fn forget_invites(
        &self,
        now: UnixMillis,
        used_before: UnixMillis,
        limit: u32,
    ) -> Result<u64, StorageError> {
        let mut writer = self.connections.write().await;
        let query =
            sqlx::query(FORGET).bind(now.0).bind(used_before.0).bind(limit).execute(&mut *writer).await;
        Ok(query.map_err(|error| self.connections.write_failure(error))?.rows_affected())
    }
}

/// The invite whose code was shown, where it counts at `now` or was used.
async fn find(
    connection: &mut SqliteConnection,
    shown: &ShownInvite,
    now: UnixMillis,
) -> Result<Option<Stored>, StorageError> {
    let query = sqlx::query(FIND).bind(shown.id.as_bytes().as_slice());
    let Some(row) = query.fetch_optional(connection).await.map_err(failure)? else { return Ok(None) };
    let invite = stored(&row)?;
    let counts = invite.used.is_some() || invite.expires_at > now;
    Ok((invite.secret_hash == shown.secret_hash && counts).then_some(invite))
}

/// Puts the new credential in the place of the one that the invite made a short while ago, where nobody used that
/// and the request is the same.
async fn replace_unused(
    connection: &mut SqliteConnection,
    joining: &Joining,
    shown: &ShownInvite,
    used: &Use,
    entry: &AuditEntry,
) -> Result<Option<Sender>, StorageError> {
    if shown.again_since.is_none_or(|since| used.at < since) {
        return Ok(None);
    }
    let first = credentials::stored(connection, used.credential).await?;
    let unused = first.is_some_and(|first| first.credential.last_used_day.is_none());
    let Some(sender) = senders::find(connection, used.sender).await? else { return Ok(None) };
    let wanted = &joining.sender;
    if !unused || sender.name != wanted.name || sender.content_policy != wanted.content_policy {
        return Ok(None);
    }
    credentials::delete(connection, used.credential).await?;
    credentials::insert(connection, sender.id, &joining.credential).await?;
    use_up(connection, shown.id, used.at, sender.id, joining.credential.id).await?;
    let entry = AuditEntry { subject: sender.id.to_string(), action: JOIN_AGAIN, ..entry.clone() };
    audit::append(connection, &entry).await?;
    Ok(Some(sender))
}

async fn use_up(
    connection: &mut SqliteConnection,
    invite: InviteId,
    at: UnixMillis,
    sender: SenderId,
    credential: CredentialId,
) -> Result<(), StorageError> {
    sqlx::query(USE)
        .bind(invite.as_bytes().as_slice())
        .bind(at.0)
        .bind(sender.as_bytes().as_slice())
        .bind(credential.as_bytes().as_slice())
        .execute(connection)
        .await
        .map_err(failure)?;
    Ok(())
}

fn invite(row: &SqliteRow) -> Result<Invite, StorageError> {
    Ok(Invite { id: id(row, 0)?, expires_at: time(row, 1)?, used: get(row, 2)? })
}

fn stored(row: &SqliteRow) -> Result<Stored, StorageError> {
    let used = match get::<Option<i64>>(row, 2)? {
        Some(at) => Some(Use { at: UnixMillis(at), sender: id(row, 3)?, credential: id(row, 4)? }),
        None => None,
    };
    Ok(Stored { secret_hash: SecretHash(bytes(row, 0)?), expires_at: time(row, 1)?, used })
}
