//! Ends what nobody uses, a few rows at a time.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::backlog::Change;
use super::ending::end_waiting;
use super::failure::failure;
use super::feedback::{self, ToTell};
use super::row::{bytes, get, id, key_list};
use super::store::SqliteStore;
use super::{senders, unused_senders};
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, Id, RegistrationId, SenderId, SubscriptionEnd, SubscriptionId};
use crate::privacy::Ends;
use crate::storage::{Retention, StorageError, Walked};

/// Each row of a slice, and whether its time is over.
const REGISTRATIONS: &str = "
SELECT id, CASE WHEN confirmed = 1 OR accepted_day IS NOT NULL
    THEN registered_at < $3 AND coalesce(accepted_day < $4, 1)
    ELSE registered_at < $5 END
FROM registrations WHERE id > $1 ORDER BY id LIMIT $2";

const SUBSCRIPTIONS: &str = "
SELECT id, used = 0 AND created_day < $3 FROM subscriptions WHERE id > $1 ORDER BY id LIMIT $2";

const WAITS_FOR_REGISTRATIONS: &str = "
DELETE FROM deliveries WHERE subscription IN (SELECT subscriptions.id FROM subscriptions
    WHERE registration IN (SELECT unhex(value) FROM json_each($1)))
RETURNING notification, subscription, form, sender, way, coalesce(length(payload), 1400 * (form = 4))";

const WAITS_FOR_SUBSCRIPTIONS: &str = "
DELETE FROM deliveries WHERE subscription IN (SELECT unhex(value) FROM json_each($1))
RETURNING notification, subscription, form, sender, way, coalesce(length(payload), 1400 * (form = 4))";

const END_SUBSCRIPTIONS_OF: &str = "
DELETE FROM subscriptions WHERE registration IN (SELECT unhex(value) FROM json_each($1))
RETURNING sender, id";

const END_REGISTRATIONS: &str = "
DELETE FROM registrations WHERE id IN (SELECT unhex(value) FROM json_each($1))";

const END_SUBSCRIPTIONS: &str = "
DELETE FROM subscriptions WHERE id IN (SELECT unhex(value) FROM json_each($1))
RETURNING sender, id";

const FORGET_CODES: &str = "
DELETE FROM codes WHERE token_hash IN (SELECT token_hash FROM codes WHERE sent_at < $1 LIMIT $2)";

const FORGET_ANSWERS: &str = "
DELETE FROM sealed_registrations WHERE (sender, digest) IN (
    SELECT sender, digest FROM sealed_registrations WHERE keep_until < $1 LIMIT $2)";

const LAST_SWEPT: &str = "SELECT value FROM meta WHERE name = 'swept_day'";

const NOTE_SWEPT: &str = "
INSERT INTO meta (name, value) VALUES ('swept_day', $1)
ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// A slice of a table: where it ends, and what of it is over.
struct Slice<K> {
    last: Option<Id<K>>,
    over: Vec<Id<K>>,
    full: bool,
}

impl<K> Slice<K> {
    fn read(rows: &[SqliteRow], limit: u32) -> Result<Self, StorageError> {
        let mut over = Vec::new();
        let mut last = None;
        for row in rows {
            let id = id(row, 0)?;
            last = Some(id);
            if get::<bool>(row, 1)? {
                over.push(id);
            }
        }
        Ok(Self { last, over, full: u32::try_from(rows.len()).is_ok_and(|rows| rows >= limit) })
    }

    fn walked(&self) -> Walked<Id<K>> {
        Walked { ended: self.over.len() as u64, next: self.last.filter(|_| self.full) }
    }
}

/// The empty blob sorts before every id.
fn beginning<K>(after: Option<Id<K>>) -> Vec<u8> {
    after.map_or(Vec::new(), |id| id.as_bytes().to_vec())
}

async fn registrations(
    connection: &mut SqliteConnection,
    after: Option<RegistrationId>,
    limit: u32,
    ends: &Ends,
) -> Result<Vec<SqliteRow>, StorageError> {
    let query = sqlx::query(REGISTRATIONS).bind(beginning(after)).bind(limit);
    let query = query.bind(ends.silent.0).bind(ends.silent_day.0).bind(ends.never_confirmed.0);
    query.fetch_all(connection).await.map_err(failure)
}

async fn subscriptions(
    connection: &mut SqliteConnection,
    after: Option<SubscriptionId>,
    limit: u32,
    ends: &Ends,
) -> Result<Vec<SqliteRow>, StorageError> {
    let query = sqlx::query(SUBSCRIPTIONS).bind(beginning(after)).bind(limit).bind(ends.never_used.0);
    query.fetch_all(connection).await.map_err(failure)
}

#[async_trait]
impl Retention for SqliteStore {
    async fn end_registrations(
        &self,
        after: Option<RegistrationId>,
        limit: u32,
        ends: &Ends,
        at: UnixMillis,
    ) -> Result<Walked<RegistrationId>, StorageError> {
        let mut reader = self.connections.read().await;
        let slice = Slice::read(&registrations(&mut reader, after, limit, ends).await?, limit)?;
        drop(reader);
        if slice.over.is_empty() {
            return Ok(slice.walked());
        }
        // Once more where nobody else writes: one may have been registered again meanwhile.
        let mut transaction = self.connections.begin().await?;
        let slice = Slice::read(&registrations(&mut transaction, after, limit, ends).await?, limit)?;
        let over = key_list(slice.over.iter().map(RegistrationId::as_bytes));
        let (mut change, mut to_tell) = (Change::default(), ToTell::default());
        let waiting = sqlx::query(WAITS_FOR_REGISTRATIONS).bind(over.clone());
        end_waiting(&mut transaction, waiting, at, &mut change).await?;
        let ended = sqlx::query(END_SUBSCRIPTIONS_OF).bind(over.clone());
        let why = SubscriptionEnd::Expired;
        feedback::end_subscriptions(&mut transaction, ended, why, at, &*self.entropy, &mut to_tell).await?;
        sqlx::query(END_REGISTRATIONS).bind(over).execute(&mut *transaction).await.map_err(failure)?;
        self.commit_ends(transaction, &slice.over, change).await?;
        self.tell(to_tell);
        Ok(slice.walked())
    }

    async fn end_subscriptions(
        &self,
        after: Option<SubscriptionId>,
        limit: u32,
        ends: &Ends,
        at: UnixMillis,
    ) -> Result<Walked<SubscriptionId>, StorageError> {
        let mut reader = self.connections.read().await;
        let slice = Slice::read(&subscriptions(&mut reader, after, limit, ends).await?, limit)?;
        drop(reader);
        if slice.over.is_empty() {
            return Ok(slice.walked());
        }
        // Once more where nobody else writes: one may have been used meanwhile.
        let mut transaction = self.connections.begin().await?;
        let slice = Slice::read(&subscriptions(&mut transaction, after, limit, ends).await?, limit)?;
        let over = key_list(slice.over.iter().map(SubscriptionId::as_bytes));
        let (mut change, mut to_tell) = (Change::default(), ToTell::default());
        let waiting = sqlx::query(WAITS_FOR_SUBSCRIPTIONS).bind(over.clone());
        end_waiting(&mut transaction, waiting, at, &mut change).await?;
        let ended = sqlx::query(END_SUBSCRIPTIONS).bind(over);
        let why = SubscriptionEnd::Expired;
        feedback::end_subscriptions(&mut transaction, ended, why, at, &*self.entropy, &mut to_tell).await?;
        self.commit_ends(transaction, &slice.over, change).await?;
        self.tell(to_tell);
        Ok(slice.walked())
    }

    async fn erase_unused_senders(
        &self,
        after: Option<SenderId>,
        limit: u32,
        since: Day,
        audit: &AuditEntry,
    ) -> Result<Walked<SenderId>, StorageError> {
        let mut reader = self.connections.read().await;
        let (joined, next) = unused_senders::joined(&mut reader, after, limit).await?;
        let unused = unused_senders::unused(&mut reader, &joined, since).await?;
        drop(reader);
        if unused.is_empty() {
            return Ok(Walked { ended: 0, next });
        }
        // Once more where nobody else writes: one may have been used meanwhile.
        let mut transaction = self.connections.begin().await?;
        let unused = unused_senders::unused(&mut transaction, &unused, since).await?;
        for sender in &unused {
            senders::erase(&mut transaction, *sender).await?;
            let entry = AuditEntry { subject: sender.to_string(), ..audit.clone() };
            audit::append(&mut transaction, &entry).await?;
        }
        let committed = transaction.commit().await;
        self.recent_credentials.empty();
        committed?;
        for sender in &unused {
            self.note_erased(*sender, audit.at);
        }
        Ok(Walked { ended: unused.len() as u64, next })
    }

    async fn forget_proofs(&self, ends: &Ends, now: UnixMillis, limit: u32) -> Result<u64, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let mut forgotten = 0;
        for (statement, before) in [(FORGET_CODES, ends.codes), (FORGET_ANSWERS, now)] {
            let query = sqlx::query(statement).bind(before.0).bind(limit);
            forgotten += query.execute(&mut *transaction).await.map_err(failure)?.rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    async fn overwrite_ended(&self) -> Result<(), StorageError> {
        self.overwrite().await
    }

    async fn overwriting_asked(&self) {
        self.overwriting.asked().await;
    }

    async fn forget_removals(&self, before: Day) -> Result<(), StorageError> {
        let Some(removals) = &self.removals else { return Ok(()) };
        removals
            .forget(before)
            .map_err(|_| StorageError::Unwritable("the list of what was removed beside it"))
    }

    async fn last_swept(&self) -> Result<Option<Day>, StorageError> {
        let mut reader = self.connections.read().await;
        let row = sqlx::query(LAST_SWEPT).fetch_optional(&mut *reader).await.map_err(failure)?;
        row.map(|row| bytes(&row, 0).map(|day| Day(i32::from_be_bytes(day)))).transpose()
    }

    async fn note_swept(&self, day: Day) -> Result<(), StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(NOTE_SWEPT).bind(day.0.to_be_bytes().to_vec());
        query.execute(&mut *writer).await.map_err(|error| self.connections.write_failure(error))?;
        Ok(())
    }
}
