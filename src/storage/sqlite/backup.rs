//! A copy of the database beside the relay that writes it.
//!
//! `VACUUM INTO` reads one moment of the database, as every reader does, and writes only what is in use: nothing
//! that was erased is in the copy, not even as a free page (<https://www.sqlite.org/lang_vacuum.html>).

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sqlx::{ConnectOptions, Connection};

use super::failure::failure;
use super::lock_file::cannot_open;
use super::migrations;
use super::open::options;
use crate::storage::StorageError;

const COPY: &str = "VACUUM INTO $1";

/// Writes a copy of the database at `from` to `to`, which must not be there yet, for its owner alone. When this
/// returns, the copy is on the disk.
pub async fn back_up(from: &Path, to: &Path) -> Result<(), StorageError> {
    let unwritable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => StorageError::Unwritable("there is a file of that name"),
        _ => cannot_open(&error),
    };
    let mut connection = options(from).read_only(true).connect().await.map_err(failure)?;
    if !migrations::is_ours(&mut connection).await? {
        return Err(StorageError::Schema("the file is another program's database".to_owned()));
    }
    // Made first, so that it is never anybody else's to read: SQLite writes into an empty file too.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(unwritable)?;
    let text = to.to_str().ok_or(StorageError::Unwritable("its path is not UTF-8"))?;
    let copied = sqlx::query(COPY).bind(text).execute(&mut connection).await.map_err(failure);
    let copied = copied.and_then(|_| synced(to).map_err(unwritable));
    if copied.is_err() {
        // What is there is no backup.
        let _ = fs::remove_file(to);
    }
    copied?;
    connection.close().await.map_err(failure)
}

/// Brings a file, and its name in its folder, onto the disk.
pub(super) fn synced(file: &Path) -> std::io::Result<()> {
    File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
