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
use super::open::{KEY_IN_USE, options};
use crate::privacy::StorageKey;
use crate::storage::StorageError;

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
    /// Whether the configured key is the one that it is kept under.
    pub key: KeyFit,
}

/// Whether a key fits a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFit {
    /// It is the one.
    Fits,
    /// It is kept under another.
    Other,
    /// It is not kept under any yet.
    None,
}

/// Looks at the database at `path`.
pub async fn inspect(path: &Path, key: &StorageKey) -> Result<Inspection, StorageError> {
    let mut connection = options(path).read_only(true).connect().await.map_err(failure)?;
    if !migrations::is_ours(&mut connection).await? {
        return Err(StorageError::Schema("the file is another program's database".to_owned()));
    }
    let found: String = scalar(&mut connection, QUICK_CHECK).await?;
    let journal: String = scalar(&mut connection, JOURNAL_MODE).await?;
    let in_use: Option<Vec<u8>> =
        sqlx::query_scalar(KEY_IN_USE).fetch_optional(&mut connection).await.map_err(failure)?;
    let inspection = Inspection {
        damage: (found != "ok").then_some(found),
        schema: scalar(&mut connection, SCHEMA).await?,
        newest: NEWEST,
        write_ahead: journal.eq_ignore_ascii_case("wal"),
        key: match in_use {
            None => KeyFit::None,
            Some(id) if id == key.id().0 => KeyFit::Fits,
            Some(_) => KeyFit::Other,
        },
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
