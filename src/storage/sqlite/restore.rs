//! Puts a backup in the place of the database, without bringing back what was erased since.
//!
//! The backup is copied, checked, migrated and cleaned beside the database first; only a file that the relay could
//! start with takes its place, in one step, and the file that was there is kept. Read next: `erasures.rs`.

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
use super::senders::ERASE;
use crate::base::UnixMillis;
use crate::model::{Actor, AuditEntry, SenderId};
use crate::privacy::StorageKey;
use crate::storage::StorageError;

const ONE_FILE: &str = "PRAGMA journal_mode = DELETE";
const WAITING: &str = "SELECT count(*) FROM deliveries";
const SENDERS: &str = "SELECT id FROM senders";
const LAST_ENTRY: &str = "SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1";
const HAS_ENTRY: &str = "SELECT EXISTS (SELECT 1 FROM newer.audit_log WHERE sequence = $1 AND hash = $2)";
const ATTACH: &str = "ATTACH DATABASE $1 AS newer";
const DETACH: &str = "DETACH DATABASE newer";
/// Tables whose rows have an id of their own, in both databases.
const TABLES_WITH_IDS: &str = "
SELECT ours.name FROM main.sqlite_schema AS ours
JOIN newer.sqlite_schema AS theirs ON theirs.type = 'table' AND theirs.name = ours.name
WHERE ours.type = 'table'
AND EXISTS (SELECT 1 FROM pragma_table_info(ours.name) WHERE name = 'id')
AND ours.name NOT IN ('notifications', 'deliveries')";
/// What the newer database knows better, and what it had decided already.
const AS_IN_NEWER: [&str; 4] = [
    "UPDATE senders SET state = (SELECT state FROM newer.senders AS newest WHERE newest.id = senders.id)",
    "DELETE FROM deliveries WHERE id NOT IN (SELECT id FROM newer.deliveries)",
    "DELETE FROM notifications WHERE (sender, id) NOT IN (SELECT sender, id FROM newer.notifications)",
    "UPDATE notifications SET outcomes = (SELECT outcomes FROM newer.notifications AS newest
     WHERE newest.sender = notifications.sender AND newest.id = notifications.id)",
];

/// A backup that is the database now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the file is that was the database before, if there was one.
    pub replaced: Option<PathBuf>,
    /// Senders that were erased since the backup, and were erased from it again.
    pub erased: usize,
    /// Whether the database that was there told everything else that was removed since: credentials,
    /// registrations, subscriptions, deliveries that went out.
    pub complete: bool,
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
    key: &StorageKey,
    now: UnixMillis,
) -> Result<Restored, StorageError> {
    let _lock = LockFile::take(database)?;
    let staged = beside(database, ".restoring");
    remove(&staged)?;
    back_up(from, &staged).await?;
    let prepared = prepare(&staged, database, key, now).await;
    let (erased, complete, waiting) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            remove(&staged)?;
            return Err(error);
        }
    };
    let replaced = take_place(&staged, database, now).map_err(|error| cannot_open(&error))?;
    Ok(Restored { replaced, erased, complete, waiting })
}

/// Makes the copy one that the relay can start with.
async fn prepare(
    staged: &Path,
    database: &Path,
    key: &StorageKey,
    now: UnixMillis,
) -> Result<(usize, bool, i64), StorageError> {
    let mut connection = writer_options(staged).connect().await.map_err(failure)?;
    migrations::migrate(&mut connection).await?;
    let found = inspect(staged, key).await?;
    if found.damage.is_some() {
        return Err(StorageError::Corrupt("the backup is damaged: take an older one"));
    }
    if found.key == KeyFit::Other {
        return Err(StorageError::WrongKey);
    }
    let mut again = Erasures::beside(database).read();
    // A database that cannot be read is why most backups are restored.
    let newer = newer(database, key).await;
    again.extend(newer.iter().flatten().map(|(id, _)| hash(*id)));
    let complete = newer.is_some() && attach_continuation(&mut connection, database).await?;
    let erased = erase_again(&mut connection, &again, now).await?;
    if complete {
        remove_gone(&mut connection).await?;
    }
    let detail = format!("senders_erased_again={erased} complete={complete}");
    let subject = "database".to_owned();
    let entry = AuditEntry { at: now, actor: Actor::Operator, action: "storage.restore", subject, detail };
    audit::append(&mut connection, &entry).await?;
    let waiting = sqlx::query_scalar(WAITING).fetch_one(&mut connection).await.map_err(failure)?;
    // One file, that needs no other: the name of the log goes with it when it takes its place.
    sqlx::query(ONE_FILE).execute(&mut connection).await.map_err(failure)?;
    connection.close().await.map_err(failure)?;
    Ok((erased, complete, waiting))
}

/// The senders that the database which is there says were erased; `None` where it cannot tell.
async fn newer(database: &Path, key: &StorageKey) -> Option<Vec<(SenderId, UnixMillis)>> {
    if !database.exists() || inspect(database, key).await.ok()?.damage.is_some() {
        return None;
    }
    let mut connection = writer_options(database).connect().await.ok()?;
    let found = erased(&mut connection).await.ok()?;
    connection.close().await.ok()?;
    Some(found)
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
        for statement in ERASE {
            let query = sqlx::query(statement).bind(id.as_bytes().as_slice());
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        let (subject, detail) = (id.to_string(), "again, after a restore".to_owned());
        let entry = AuditEntry { at: now, actor: Actor::Operator, action: "sender.erase", subject, detail };
        audit::append(&mut transaction, &entry).await?;
        transaction.commit().await.map_err(failure)?;
    }
    Ok(ids.len())
}

/// Attaches the database that is there, where it goes on from the backup: its audit log does.
async fn attach_continuation(
    connection: &mut SqliteConnection,
    database: &Path,
) -> Result<bool, StorageError> {
    let path = database.to_str().ok_or(StorageError::Unwritable("its path is not UTF-8"))?;
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as(LAST_ENTRY).fetch_optional(&mut *connection).await.map_err(failure)?;
    // Without an entry there is nothing to tell by.
    let Some((sequence, entry)) = last else { return Ok(false) };
    sqlx::query(ATTACH).bind(path).execute(&mut *connection).await.map_err(failure)?;
    let asked = sqlx::query_scalar(HAS_ENTRY).bind(sequence).bind(entry);
    let continues: bool = asked.fetch_one(&mut *connection).await.map_err(failure)?;
    if !continues {
        sqlx::query(DETACH).execute(connection).await.map_err(failure)?;
    }
    Ok(continues)
}

/// Removes what the attached database has no more, and lets go of it.
async fn remove_gone(connection: &mut SqliteConnection) -> Result<(), StorageError> {
    let tables: Vec<String> =
        sqlx::query_scalar(TABLES_WITH_IDS).fetch_all(&mut *connection).await.map_err(failure)?;
    // What both have is whole when all is done, and not in between.
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await.map_err(failure)?;
    let mut transaction = connection.begin().await.map_err(failure)?;
    for table in tables {
        // The names come from the schema itself.
        let gone = format!("DELETE FROM \"{table}\" WHERE id NOT IN (SELECT id FROM newer.\"{table}\")");
        sqlx::query(sqlx::AssertSqlSafe(gone)).execute(&mut *transaction).await.map_err(failure)?;
    }
    for statement in AS_IN_NEWER {
        sqlx::query(statement).execute(&mut *transaction).await.map_err(failure)?;
    }
    transaction.commit().await.map_err(failure)?;
    for statement in ["PRAGMA foreign_keys = ON", DETACH] {
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
