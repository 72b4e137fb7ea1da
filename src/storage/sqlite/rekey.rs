//! Rotating the storage key: ciphertexts move from one key to the next, some rows at a time.
//!
//! A walk looks at every row that holds a ciphertext. It ends the rotation where it found nothing to move, and began
//! when nobody held the cipher of before any more: whatever that one sealed was then committed, or is seen by a later
//! transaction of the walk, because one connection writes.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::audit;
use super::contents::{content_place, row_of};
use super::delivery_rows::{payload_place, place_of};
use super::failure::failure;
use super::reach::token_place;
use super::row::{get, id, number};
use super::storage_keys::{self, keys_in_use};
use super::store::SqliteStore;
use crate::model::{AuditEntry, RegistrationId};
use crate::privacy::{Cipher, Place, StorageKeyring};
use crate::storage::{Begun, KeysInUse, Rekey, RekeyProgress, StorageError};

const HOW_MANY: &str = "
SELECT (SELECT count(*) FROM registrations) + (SELECT count(*) FROM contents)
    + (SELECT count(*) FROM deliveries WHERE form = 4)";

const REGISTRATIONS: &str = "
SELECT id, device_token FROM registrations WHERE id > $1 ORDER BY id LIMIT $2";

const MOVE_TOKEN: &str = "UPDATE registrations SET device_token = $2 WHERE id = $1";

/// Form 4 is clear content, the one payload that is under the cipher.
const CLEAR_DELIVERIES: &str = "
SELECT deliveries.seq, notifications.sender, notifications.id, deliveries.id, deliveries.payload
FROM deliveries CROSS JOIN notifications ON notifications.seq = deliveries.notification
WHERE deliveries.form = 4 AND deliveries.seq > $1 ORDER BY deliveries.seq LIMIT $2";

const MOVE_PAYLOAD: &str = "UPDATE deliveries SET payload = $2 WHERE seq = $1";

const CONTENTS: &str = "
SELECT contents.notification, notifications.sender, notifications.id, contents.content
FROM contents CROSS JOIN notifications ON notifications.seq = contents.notification
WHERE contents.notification > $1 ORDER BY contents.notification LIMIT $2";

const MOVE_CONTENT: &str = "UPDATE contents SET content = $2 WHERE notification = $1";

/// Where the walk over all rows is. After a restart it begins anew: what has moved is passed by quickly.
#[derive(Debug, Default)]
pub(super) struct RekeyWalk {
    /// The ciphers of before, as long as somebody may still seal with one.
    sealing: Vec<Weak<Cipher>>,
    progress: RekeyProgress,
    stage: Stage,
    /// Rows under another key that this walk met: one that met none is the last.
    met: u64,
    /// It began while the cipher of before was still held.
    too_early: bool,
}

#[derive(Debug, Default, Clone, Copy)]
enum Stage {
    #[default]
    Begin,
    Registrations(Option<RegistrationId>),
    Deliveries(i64),
    Contents(i64),
    End,
}

/// What became of one ciphertext.
enum Moved {
    /// It is under the current key already.
    Already,
    /// This is it under the current key.
    To(Vec<u8>),
    /// It opens under no key: nobody can read it, before and after.
    Broken,
}

impl SqliteStore {
    fn moved(&self, cipher: &Cipher, place: Place<'_>, ciphertext: &[u8]) -> Moved {
        if cipher.is_current(ciphertext) {
            return Moved::Already;
        }
        match cipher.open(place, ciphertext) {
            Ok(plaintext) => Moved::To(cipher.seal(place, &plaintext, &*self.entropy)),
            Err(_) => Moved::Broken,
        }
    }

    /// Moves what is under another key in a slice of the registrations; the last of them, and how many there were.
    async fn move_tokens(
        &self,
        connection: &mut SqliteConnection,
        walk: &mut RekeyWalk,
        after: Option<RegistrationId>,
        limit: u32,
    ) -> Result<Stage, StorageError> {
        // The empty blob sorts before every id.
        let from = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let query = sqlx::query(REGISTRATIONS).bind(from).bind(limit);
        let rows = query.fetch_all(&mut *connection).await.map_err(failure)?;
        let (cipher, mut last) = (self.cipher.get(), after);
        for row in &rows {
            let registration: RegistrationId = id(row, 0)?;
            last = Some(registration);
            if let Moved::To(ciphertext) = self.moved(&cipher, token_place(&registration), get(row, 1)?) {
                let query = sqlx::query(MOVE_TOKEN).bind(registration.as_bytes().as_slice()).bind(ciphertext);
                query.execute(&mut *connection).await.map_err(failure)?;
                walk.met += 1;
            }
        }
        walk.progress.done += rows.len() as u64;
        Ok(if is_full(&rows, limit) { Stage::Registrations(last) } else { Stage::Deliveries(i64::MIN) })
    }

    /// The same for clear content that waits.
    async fn move_payloads(
        &self,
        connection: &mut SqliteConnection,
        walk: &mut RekeyWalk,
        after: i64,
        limit: u32,
    ) -> Result<Stage, StorageError> {
        let query = sqlx::query(CLEAR_DELIVERIES).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *connection).await.map_err(failure)?;
        let (cipher, mut last) = (self.cipher.get(), after);
        for row in &rows {
            last = get(row, 0)?;
            let Some(ciphertext) = get::<Option<&[u8]>>(row, 4)? else { continue };
            let place = place_of(id(row, 1)?, id(row, 2)?, id(row, 3)?);
            if let Moved::To(ciphertext) = self.moved(&cipher, payload_place(&place), ciphertext) {
                write_moved(connection, walk, MOVE_PAYLOAD, (last, ciphertext)).await?;
            }
        }
        walk.progress.done += rows.len() as u64;
        Ok(if is_full(&rows, limit) { Stage::Deliveries(last) } else { Stage::Contents(i64::MIN) })
    }

    /// The same for clear content that several deliveries share.
    async fn move_contents(
        &self,
        connection: &mut SqliteConnection,
        walk: &mut RekeyWalk,
        after: i64,
        limit: u32,
    ) -> Result<Stage, StorageError> {
        let query = sqlx::query(CONTENTS).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *connection).await.map_err(failure)?;
        let (cipher, mut last) = (self.cipher.get(), after);
        for row in &rows {
            last = get(row, 0)?;
            let place = row_of(id(row, 1)?, id(row, 2)?);
            if let Moved::To(ciphertext) = self.moved(&cipher, content_place(&place), get(row, 3)?) {
                write_moved(connection, walk, MOVE_CONTENT, (last, ciphertext)).await?;
            }
        }
        walk.progress.done += rows.len() as u64;
        Ok(if is_full(&rows, limit) { Stage::Contents(last) } else { Stage::End })
    }

    /// One slice of the walk, in a transaction of its own.
    async fn walk_on(&self, walk: &mut RekeyWalk, limit: u32) -> Result<(), StorageError> {
        let mut transaction = self.connections.begin().await?;
        let next = match walk.stage {
            Stage::Begin => {
                walk.too_early = walk.sealing.iter().any(|cipher| cipher.strong_count() > 0);
                let row = sqlx::query(HOW_MANY).fetch_one(&mut *transaction).await.map_err(failure)?;
                walk.progress = RekeyProgress { total: number(&row, 0)?, ..RekeyProgress::default() };
                walk.met = 0;
                Stage::Registrations(None)
            }
            Stage::Registrations(after) => self.move_tokens(&mut transaction, walk, after, limit).await?,
            Stage::Deliveries(after) => self.move_payloads(&mut transaction, walk, after, limit).await?,
            Stage::Contents(after) => self.move_contents(&mut transaction, walk, after, limit).await?,
            Stage::End => Stage::End,
        };
        transaction.commit().await?;
        walk.stage = next;
        Ok(())
    }

    async fn end(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        let mut transaction = self.connections.begin().await?;
        storage_keys::note_end(&mut transaction).await?;
        audit::append(&mut transaction, entry).await?;
        transaction.commit().await?;
        // The pages of before are in the write-ahead log until it is emptied.
        self.overwrite().await
    }
}

/// Writes the ciphertext that a numbered row has under the current key.
async fn write_moved(
    connection: &mut SqliteConnection,
    walk: &mut RekeyWalk,
    statement: &'static str,
    (row, ciphertext): (i64, Vec<u8>),
) -> Result<(), StorageError> {
    sqlx::query(statement).bind(row).bind(ciphertext).execute(connection).await.map_err(failure)?;
    walk.met += 1;
    Ok(())
}

fn is_full(rows: &[SqliteRow], limit: u32) -> bool {
    u32::try_from(rows.len()).is_ok_and(|rows| rows >= limit)
}

#[async_trait]
impl Rekey for SqliteStore {
    async fn keys_in_use(&self) -> Result<KeysInUse, StorageError> {
        keys_in_use(&mut *self.connections.read().await).await?.ok_or(StorageError::WrongKey)
    }

    async fn begin_rekey(&self, keys: &StorageKeyring, entry: &AuditEntry) -> Result<Begun, StorageError> {
        let mut walk = self.rekey.lock().await;
        let mut transaction = self.connections.begin().await?;
        let in_use = keys_in_use(&mut transaction).await?.ok_or(StorageError::WrongKey)?;
        let newest = keys.newest.id();
        if in_use.current == newest {
            transaction.commit().await?;
            return Ok(Begun::Already);
        }
        if in_use.previous.is_some() || keys.get(in_use.current).is_none() {
            transaction.commit().await?;
            return Ok(Begun::NotARotation);
        }
        let cipher = storage_keys::cipher(&keys.newest, keys);
        let noted = KeysInUse { current: newest, previous: Some(in_use.current) };
        let kept = (&cipher, &*self.pseudonyms);
        storage_keys::note_rekey(&mut transaction, noted, kept, &*self.entropy).await?;
        audit::append(&mut transaction, entry).await?;
        let mut sealing = std::mem::take(&mut walk.sealing);
        sealing.push(Arc::downgrade(&self.cipher.get()));
        *walk = RekeyWalk { sealing, ..RekeyWalk::default() };
        // Before the commit, which may come about although the caller gives up while waiting for it. Where it does not,
        // some rows are under the new key early, which the key file has: a repeated call begins anew.
        self.cipher.set(cipher);
        transaction.commit().await?;
        Ok(Begun::Done)
    }

    async fn rekey_step(&self, limit: u32, entry: &AuditEntry) -> Result<RekeyProgress, StorageError> {
        let mut walk = self.rekey.lock().await;
        let in_use = Rekey::keys_in_use(self).await?;
        if in_use.previous.is_none() {
            return Ok(RekeyProgress { finished: true, ..walk.progress });
        }
        if self.cipher.get().current() != in_use.current {
            // Whatever led here: a walk that takes the old key for the current one would end without moving a row.
            return Err(StorageError::Corrupt("the storage key in use: restart the relay"));
        }
        let walked = self.walk_on(&mut walk, limit.max(1)).await;
        if walked.is_err() {
            // What this slice counted was not committed.
            let sealing = std::mem::take(&mut walk.sealing);
            *walk = RekeyWalk { sealing, ..RekeyWalk::default() };
        }
        walked?;
        if !matches!(walk.stage, Stage::End) {
            return Ok(walk.progress);
        }
        walk.stage = Stage::Begin;
        if walk.met == 0 && !walk.too_early {
            self.end(entry).await?;
            walk.progress.finished = true;
        }
        Ok(walk.progress)
    }
}
