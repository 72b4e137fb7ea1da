//! Looks at a database for `sealpush check`: whole, of which schema, under which key, and whether it can be
//! written.
//!
//! [`inspect`] reads beside the running relay and changes nothing.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::connections::{END_OF_TRY, TRY};
use super::failure::failure;
use super::lock_file::LockFile;
use super::migrations::{self, NEWEST};
use super::open::options;
use super::storage_keys::{self, keys_in_use};
use crate::privacy::StorageKeyring;
use crate::storage::{KeysInUse, StorageError};

/// Stops at the first fault; without the slow comparison of indexes with their tables.
const QUICK_CHECK: &str = "PRAGMA quick_check(1)";
const JOURNAL_MODE: &str = "PRAGMA journal_mode";
/// sqlx's own table of what was applied.
const SCHEMA: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";

/// What a database is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The first fault that was found, in SQLite's words.
    pub damage: Option<String>,
    /// The newest migration that was applied.
    pub schema: i64,
    /// The newest that this release knows.
    pub newest: i64,
    /// Whether it has a write-ahead log, by which readers and the writer keep out of each other's way.
    pub write_ahead: bool,
    /// Whether the configured keys are those that it is kept under.
    pub key: KeyFit,
}

/// Whether the keys of the key file fit a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFit {
    /// It is kept under the newest, and there is no other.
    Fits,
    /// It is kept under the one before: the next start begins to rotate.
    NotBegun,
    /// It is on its way to the newest.
    GoesOn,
    /// It is kept under the newest, and the one before is still in the file.
    Done,
    /// It is kept under another.
    Other,
    /// It is on its way to the newest, and the one before is missing.
    BeforeMissing,
    /// It is not kept under any yet.
    None,
}

impl KeyFit {
    fn of(in_use: Option<KeysInUse>, keys: &StorageKeyring) -> Self {
        let Some(in_use) = in_use else { return Self::None };
        match storage_keys::fitting(Some(in_use), keys) {
            Err(StorageError::KeyBeforeMissing) => Self::BeforeMissing,
            Err(_) => Self::Other,
            Ok(_) if in_use.previous.is_some() => Self::GoesOn,
            Ok(current) if current.id() != keys.newest.id() => Self::NotBegun,
            Ok(_) if keys.before.is_some() => Self::Done,
            Ok(_) => Self::Fits,
        }
    }
}

/// Looks at the database at `path`.
pub async fn inspect(path: &Path, keys: &StorageKeyring) -> Result<Inspection, StorageError> {
    let mut connection = options(path).read_only(true).connect().await.map_err(failure)?;
    if !migrations::is_ours(&mut connection).await? {
        return Err(StorageError::Schema("the file is another program's database".to_owned()));
    }
    let found: String = scalar(&mut connection, QUICK_CHECK).await?;
    let journal: String = scalar(&mut connection, JOURNAL_MODE).await?;
    let in_use = keys_in_use(&mut connection).await?;
    let inspection = Inspection {
        damage: (found != "ok").then_some(found),
        schema: scalar(&mut connection, SCHEMA).await?,
        newest: NEWEST,
        write_ahead: journal.eq_ignore_ascii_case("wal"),
        key: KeyFit::of(in_use, keys),
    };
    connection.close().await.map_err(failure)?;
    Ok(inspection)
}

async fn scalar<T>(connection: &mut SqliteConnection, query: &'static str) -> Result<T, StorageError>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
{
    sqlx::query_scalar(query).fetch_one(connection).await.map_err(failure)
}

/// Writes some pages to the database at `path`, where no relay has it, and erases them again.
///
/// # Errors
/// [`StorageError::Locked`] where another process has it, [`StorageError::Unwritable`] where that is so.
pub async fn try_writing(path: &Path) -> Result<(), StorageError> {
    let _lock = LockFile::take(path)?;
    let mut connection = options(path).connect().await.map_err(failure)?;
    for statement in [TRY, END_OF_TRY] {
        sqlx::query(statement).execute(&mut connection).await.map_err(failure)?;
    }
    connection.close().await.map_err(failure)
}
