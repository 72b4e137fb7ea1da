//! Senders.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::backlog::Change;
use super::credentials;
use super::ending::{OF_SENDER, end_waiting};
use super::failure::failure;
use super::row::{UNREADABLE, get, id, parsed};
use super::store::SqliteStore;
use crate::base::Day;
use crate::base::UnixMillis;
use crate::model::{AuditEntry, Categories, Erased, Sender, SenderChange, SenderId, SenderState};
use crate::storage::{ActError, NewCredential, Senders, StorageError};

const ADD: &str = "
INSERT INTO senders (id, name, state, content_policy, created_day) VALUES ($1, $2, $3, $4, $5)";

const LIST: &str = "
SELECT id, name, state, content_policy, created_day
FROM senders WHERE id > $1 ORDER BY id LIMIT $2";

const FIND: &str = "
SELECT id, name, state, content_policy, created_day FROM senders WHERE id = $1";

const CHANGE: &str = "UPDATE senders SET name = $2, content_policy = $3 WHERE id = $1";

const SET_STATE: &str = "UPDATE senders SET state = $2 WHERE id = $1";

/// What goes with a sender; the sender itself last.
const ERASE: [(&str, &str); 12] = [
    (
        "deliveries",
        "DELETE FROM deliveries WHERE notification IN (SELECT seq FROM notifications WHERE sender = $1)",
    ),
    ("notifications", "DELETE FROM notifications WHERE sender = $1"),
    ("subscriptions", "DELETE FROM subscriptions WHERE sender = $1"),
    ("sealed_registrations", "DELETE FROM sealed_registrations WHERE sender = $1"),
    ("feedback", "DELETE FROM feedback WHERE sender = $1"),
    ("shared_volume", "DELETE FROM shared_volume WHERE sender = $1"),
    ("shared_devices", "DELETE FROM shared_devices WHERE sender = $1"),
    ("shared_software", "DELETE FROM shared_software WHERE sender = $1"),
    ("sharing", "DELETE FROM sharing WHERE sender = $1"),
    ("invites", "DELETE FROM invites WHERE sender = $1"),
    ("credentials", "DELETE FROM credentials WHERE sender = $1"),
    (SENDERS, "DELETE FROM senders WHERE id = $1"),
];

const SENDERS: &str = "senders";

/// Erases everything of a sender within the caller's transaction. `None` where there is none.
pub(super) async fn erase(
    connection: &mut SqliteConnection,
    id: SenderId,
) -> Result<Option<Erased>, StorageError> {
    let mut counts = [("", 0); ERASE.len()];
    for (count, (table, statement)) in counts.iter_mut().zip(ERASE) {
        let query = sqlx::query(statement).bind(id.as_bytes().as_slice());
        *count = (table, query.execute(&mut *connection).await.map_err(failure)?.rows_affected());
    }
    let erased = Erased::of(counts);
    Ok(erased.rows.contains_key(SENDERS).then_some(erased))
}

/// Inserts `sender` within the caller's transaction.
pub(super) async fn insert(connection: &mut SqliteConnection, sender: &Sender) -> Result<(), StorageError> {
    sqlx::query(ADD)
        .bind(sender.id.as_bytes().as_slice())
        .bind(sender.name.as_str())
        .bind(sender.state.as_str())
        .bind(sender.content_policy.as_str())
        .bind(sender.created_day.0)
        .execute(connection)
        .await
        .map_err(failure)?;
    Ok(())
}

/// The sender with this id, over the caller's connection.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    id: SenderId,
) -> Result<Option<Sender>, StorageError> {
    let query = sqlx::query(FIND).bind(id.as_bytes().as_slice());
    let row = query.fetch_optional(connection).await.map_err(failure)?;
    row.as_ref().map(sender).transpose()
}

#[async_trait]
impl Senders for SqliteStore {
    async fn add(
        &self,
        sender: &Sender,
        credential: &NewCredential,
        entry: &AuditEntry,
    ) -> Result<(), ActError> {
        let mut transaction = self.begin_as(entry).await?;
        insert(&mut transaction, sender).await?;
        credentials::insert(&mut transaction, sender.id, credential).await?;
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(())
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
        find(&mut *self.connections.read().await, id).await
    }

    async fn change(
        &self,
        id: SenderId,
        change: &SenderChange,
        entry: &AuditEntry,
    ) -> Result<Option<Sender>, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        let Some(there) = find(&mut transaction, id).await? else { return Ok(None) };
        let mut sender = there.clone();
        if let Some(name) = &change.name {
            sender.name = name.clone();
        }
        if let Some(policy) = change.content_policy {
            sender.content_policy = policy;
        }
        if sender == there {
            return Ok(Some(sender));
        }
        sqlx::query(CHANGE)
            .bind(id.as_bytes().as_slice())
            .bind(sender.name.as_str())
            .bind(sender.content_policy.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        audit::append(&mut transaction, entry).await?;
        let committed = transaction.commit().await;
        self.recent_credentials.empty();
        committed?;
        Ok(Some(sender))
    }

    async fn suspend(&self, id: SenderId, entry: &AuditEntry) -> Result<bool, ActError> {
        self.set_state(id, SenderState::Suspended, entry).await
    }

    async fn resume(&self, id: SenderId, entry: &AuditEntry) -> Result<bool, ActError> {
        self.set_state(id, SenderState::Active, entry).await
    }

    async fn erase(&self, id: SenderId, entry: &AuditEntry) -> Result<Option<Erased>, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        let Some(mut erased) = erase(&mut transaction, id).await? else { return Ok(None) };
        erased.entry = Some(audit::append(&mut transaction, entry).await?.hash);
        let committed = transaction.commit().await;
        self.recent_credentials.empty();
        committed?;
        self.note_erased(id, entry.at);
        self.overwrite().await?;
        Ok(Some(erased))
    }

    fn has_stopped(&self, id: SenderId, accepted_at: UnixMillis, now: UnixMillis) -> bool {
        self.stopped_senders.stops(id, accepted_at, now)
    }
}

impl SqliteStore {
    /// What follows when a sender is erased and that is on the disk.
    pub(super) fn note_erased(&self, id: SenderId, at: UnixMillis) {
        self.backlog.forget(id);
        self.stopped_senders.stop(id, at);
        self.usage_recorder.agree(id, Categories::default());
        if let Some(erasures) = &self.erasures {
            erasures.note(id, at);
        }
    }

    async fn set_state(
        &self,
        id: SenderId,
        state: SenderState,
        entry: &AuditEntry,
    ) -> Result<bool, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        let query = sqlx::query(SET_STATE).bind(id.as_bytes().as_slice()).bind(state.as_str());
        let changed = query.execute(&mut *transaction).await.map_err(failure)?.rows_affected();
        if changed == 0 {
            return Ok(false);
        }
        let mut change = Change::default();
        if state == SenderState::Suspended {
            let waiting = sqlx::query(OF_SENDER).bind(id.as_bytes().as_slice());
            end_waiting(&mut transaction, waiting, entry.at, &mut change).await?;
        }
        audit::append(&mut transaction, entry).await?;
        let committed = self.commit_counted(transaction, change).await;
        self.recent_credentials.empty();
        committed?;
        match state {
            SenderState::Active => self.stopped_senders.resume(id),
            SenderState::Suspended => self.stopped_senders.stop(id, entry.at),
        }
        Ok(true)
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

/// A sender's state.
pub(super) fn state(row: &SqliteRow, index: usize) -> Result<SenderState, StorageError> {
    let stored: &str = get(row, index)?;
    let states = [SenderState::Active, SenderState::Suspended];
    states.into_iter().find(|state| state.as_str() == stored).ok_or(UNREADABLE)
}
