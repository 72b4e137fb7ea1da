//! Making what was erased vanish from the files, soon and not for each removal by itself.

use sqlx::SqliteConnection;
use tokio::sync::Notify;

use super::failure::failure;
use super::row::get;
use crate::storage::StorageError;

const SHRINK: &str = "PRAGMA incremental_vacuum(64)";
const EMPTY_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// A reader in the way may take minutes (a backup), and whoever wants to write would wait with us: it is tried again later.
const WAIT_FOR_NOBODY: &str = "PRAGMA busy_timeout = 0";
const WAIT_AGAIN: &str = "PRAGMA busy_timeout = 5000";

/// Whether something was erased whose bytes may still be in the files.
#[derive(Debug, Default)]
pub(super) struct Overwriting(Notify);

impl Overwriting {
    /// Something was erased.
    pub(super) fn ask(&self) {
        self.0.notify_one();
    }

    /// Returns when something was erased, since the last call or from now on.
    pub(super) async fn asked(&self) {
        self.0.notified().await;
    }

    /// Overwrites it. Where a reader is in the way, or it fails, it stays asked for.
    pub(super) async fn overwrite(&self, writer: &mut SqliteConnection) -> Result<(), StorageError> {
        let emptied = emptied(writer).await;
        if !matches!(emptied, Ok(true)) {
            self.ask();
        }
        emptied.map(|_| ())
    }
}

/// `secure_delete` has overwritten it in the database; the write-ahead log, which still holds the pages of before, is
/// emptied into the database and cut. Whether that is so: a reader may be in the way.
async fn emptied(writer: &mut SqliteConnection) -> Result<bool, StorageError> {
    // A few free pages at a time go back to the file system.
    sqlx::query(SHRINK).execute(&mut *writer).await.map_err(failure)?;
    // The first column says whether somebody was in the way (<https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>).
    sqlx::query(WAIT_FOR_NOBODY).execute(&mut *writer).await.map_err(failure)?;
    let row = sqlx::query(EMPTY_LOG).fetch_one(&mut *writer).await.map_err(failure);
    sqlx::query(WAIT_AGAIN).execute(writer).await.map_err(failure)?;
    Ok(get::<i64>(&row?, 0)? == 0)
}
