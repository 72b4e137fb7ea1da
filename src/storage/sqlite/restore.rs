//! Puts a backup in the place of the database, without bringing back what was erased since.
//!
//! The backup is copied, checked, migrated and cleaned beside the database first; only a file that the relay could
//! start with takes its place, in one step, and the file that was there is kept. Read next: `since_backup.rs`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::audit;
use super::backup::{back_up, synced};
use super::erasures::{Erasures, erased, hash};
use super::failure::failure;
use super::inspect::{KeyFit, inspect};
use super::lock_file::{LockFile, cannot_open};
use super::migrations;
use super::open::writer_options;
use super::removals::Removals;
use super::removed_again::remove_again;
use super::senders;
use super::sharing::END_SHARING;
use super::since_backup;
use crate::base::UnixMillis;
use crate::model::{Actor, AuditEntry, SenderId};
use crate::privacy::StorageKeyring;
use crate::storage::StorageError;

const ONE_FILE: &str = "PRAGMA journal_mode = DELETE";
const WAITING: &str = "SELECT count(*) FROM deliveries";
const SENDERS: &str = "SELECT id FROM senders";
/// What lets somebody in who may have used it, or lost it, since.
const GRANTS: [&str; 2] = ["DELETE FROM invites", "DELETE FROM operator_tokens"];

/// A backup that is the database now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the file is that was the database before, if there was one.
    pub replaced: Option<PathBuf>,
    /// Senders that were erased since the backup, and were erased from it again.
    pub erased: usize,
    /// Registrations and subscriptions that were removed on request since the backup, and were removed from it again
    /// because the list beside the database says so.
    pub removed: u64,
    /// Whether the database that was there told everything else that happened since: what was removed, changed and
    /// used, and what went out.
    pub complete: bool,
    /// Invites and operators' tokens that were taken back, because nobody told which of them still count.
    pub taken_back: u64,
    /// Deliveries that wait in the outbox.
    pub waiting: i64,
}

/// Puts the backup at `from` in the place of the database at `database`, where no relay has it.
///
/// # Errors
/// [`StorageError::Locked`] where a relay runs; [`StorageError::WrongKey`], [`StorageError::Schema`] and
/// [`StorageError::Corrupt`] where the relay could not start with it. The database is then what it was.
pub async fn restore(
    from: &Path,
    database: &Path,
    keys: impl Into<StorageKeyring> + Send,
    now: UnixMillis,
) -> Result<Restored, StorageError> {
    let keys = keys.into();
    let _lock = LockFile::take(database)?;
    let staged = beside(database, ".restoring");
    remove(&staged)?;
    back_up(from, &staged).await?;
    let prepared = prepare(&staged, database, &keys, now).await;
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            remove(&staged)?;
            return Err(error);
        }
    };
    let replaced = take_place(&staged, database, now).map_err(|error| cannot_open(&error))?;
    Ok(Restored { replaced, ..prepared })
}

/// Makes the copy one that the relay can start with.
async fn prepare(
    staged: &Path,
    database: &Path,
    keys: &StorageKeyring,
    now: UnixMillis,
) -> Result<Restored, StorageError> {
    let mut connection = writer_options(staged).connect().await.map_err(failure)?;
    migrations::migrate(&mut connection).await?;
    let found = inspect(staged, keys).await?;
    if found.damage.is_some() {
        return Err(StorageError::Corrupt("the backup is damaged: take an older one"));
    }
    match found.key {
        KeyFit::Other => return Err(StorageError::WrongKey),
        KeyFit::BeforeMissing => return Err(StorageError::KeyBeforeMissing),
        KeyFit::Fits | KeyFit::NotBegun | KeyFit::GoesOn | KeyFit::Done | KeyFit::None => {}
    }
    let mut again = Erasures::beside(database).read();
    // A database that cannot be read is why most backups are restored.
    let newer = newer(database, keys).await;
    again.extend(newer.iter().flat_map(|newer| &newer.erased).map(|(id, _)| hash(*id)));
    let complete = newer.is_some() && since_backup::attach(&mut connection, database).await?;
    if complete {
        since_backup::take_over_log(&mut connection).await?;
    }
    let erased = erase_again(&mut connection, &again, now).await?;
    let (mut taken_back, mut removed) = (0, 0);
    match newer {
        Some(newer) if complete => since_backup::take_over(&mut connection, newer.same_key).await?,
        _ => {
            taken_back = take_back_grants(&mut connection).await?;
            end_sharing(&mut connection).await?;
            // Where the newer database is there, it knows what was removed, and what was made again since.
            removed = remove_again(&mut connection, &Removals::beside(database).read(), now).await?;
        }
    }
    let detail = format!(
        "senders_erased_again={erased} removed_again={removed} complete={complete} taken_back={taken_back}"
    );
    let subject = "database".to_owned();
    let entry = AuditEntry { at: now, actor: Actor::Operator, action: "storage.restore", subject, detail };
    audit::append(&mut connection, &entry).await?;
    let waiting = sqlx::query_scalar(WAITING).fetch_one(&mut connection).await.map_err(failure)?;
    // One file, that needs no other: the name of the log goes with it when it takes its place.
    sqlx::query(ONE_FILE).execute(&mut connection).await.map_err(failure)?;
    connection.close().await.map_err(failure)?;
    Ok(Restored { replaced: None, erased, removed, complete, taken_back, waiting })
}

/// The database that is there.
struct Newer {
    /// The senders that it says were erased.
    erased: Vec<(SenderId, UnixMillis)>,
    /// Whether the relay can read what it has under its storage key.
    same_key: bool,
}

/// Looks at the database that is there; `None` where it cannot tell anything.
async fn newer(database: &Path, keys: &StorageKeyring) -> Option<Newer> {
    if !database.exists() {
        return None;
    }
    let found = inspect(database, keys).await.ok()?;
    if found.damage.is_some() {
        return None;
    }
    let mut connection = writer_options(database).connect().await.ok()?;
    let erased = erased(&mut connection).await.ok()?;
    connection.close().await.ok()?;
    // A rotation of the storage key leaves the keyed hashes what they were, so what can be read is found too.
    let same_key = matches!(found.key, KeyFit::Fits | KeyFit::NotBegun | KeyFit::GoesOn | KeyFit::Done);
    Some(Newer { erased, same_key })
}

async fn erase_again(
    connection: &mut SqliteConnection,
    again: &std::collections::HashSet<String>,
    now: UnixMillis,
) -> Result<usize, StorageError> {
    let ids: Vec<Vec<u8>> = sqlx::query_scalar(SENDERS).fetch_all(&mut *connection).await.map_err(failure)?;
    let ids = ids.into_iter().filter_map(|id| Some(SenderId::from_bytes(id.try_into().ok()?)));
    let ids: Vec<_> = ids.filter(|id| again.contains(&hash(*id))).collect();
    for id in &ids {
        let mut transaction = connection.begin().await.map_err(failure)?;
        senders::erase(&mut transaction, *id).await?;
        let (subject, detail) = (id.to_string(), "again=restore".to_owned());
        let entry = AuditEntry { at: now, actor: Actor::Operator, action: "sender.erase", subject, detail };
        audit::append(&mut transaction, &entry).await?;
        transaction.commit().await.map_err(failure)?;
    }
    Ok(ids.len())
}

/// Takes back invites and operators' tokens: nobody knows which were used or revoked since, and new ones cost little.
async fn take_back_grants(connection: &mut SqliteConnection) -> Result<u64, StorageError> {
    let mut taken_back = 0;
    for statement in GRANTS {
        let done = sqlx::query(statement).execute(&mut *connection).await.map_err(failure)?;
        taken_back += done.rows_affected();
    }
    Ok(taken_back)
}

/// Ends all sharing: nobody knows who withdrew since, and whoever did not agrees once more.
async fn end_sharing(connection: &mut SqliteConnection) -> Result<(), StorageError> {
    for statement in END_SHARING {
        sqlx::query(statement).execute(&mut *connection).await.map_err(failure)?;
    }
    Ok(())
}

/// In one step, so that there is a database at every moment. A write-ahead log of the old one must not stay: the
/// new one would be read with it.
fn take_place(staged: &Path, database: &Path, now: UnixMillis) -> std::io::Result<Option<PathBuf>> {
    let mut replaced = None;
    if database.exists() {
        let kept = beside(database, &format!(".replaced-{}", now.unix_seconds()));
        for (from, to) in [("-wal", "-wal"), ("", "")] {
            let (from, to) = (beside(database, from), beside(&kept, to));
            if from.exists() {
                fs::hard_link(from, to)?;
            }
        }
        replaced = Some(kept);
    }
    for rest in ["-wal", "-shm"] {
        match fs::remove_file(beside(database, rest)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(staged, database)?;
    synced(database)?;
    Ok(replaced)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

fn remove(staged: &Path) -> Result<(), StorageError> {
    for end in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(staged, end)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot_open(&error)),
            _ => {}
        }
    }
    Ok(())
}
