//! Opens a database: lock, files, connections, schema, key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::backlog::Backlog;
use super::connections::Connections;
use super::erasures::Erasures;
use super::failure::failure;
use super::lock_file::{LockFile, cannot_open, create_private};
use super::migrations;
use super::removals::Removals;
use super::sharing;
use super::storage_keys::{self, keys_in_use};
use super::store::SqliteStore;
use crate::base::Entropy;
use crate::privacy::StorageKeyring;
use crate::storage::{Storage, StorageError, UsageRecorder};

/// Reads are coalesced, one query of a kind at a time, so a few connections are enough.
const READERS: usize = 3;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a file; it is made where there is none.
    File(PathBuf),
    /// In memory, for as long as the store lives.
    Memory,
}

impl SqliteStore {
    /// Opens the database for the running relay, with the schema of this release: what is missing is applied.
    /// It is this process's alone until the last of the returned traits is dropped.
    ///
    /// # Errors
    /// [`StorageError::Locked`] where another process has it, [`StorageError::Schema`] where it is another
    /// program's or a newer release's, [`StorageError::WrongKey`] and [`StorageError::KeyBeforeMissing`] where
    /// something in it is under a key that is not among `keys`.
    pub async fn open(
        location: &Location,
        keys: impl Into<StorageKeyring> + Send,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Storage, StorageError> {
        let store = Arc::new(Self::open_engine(location, keys, entropy).await?);
        Ok(Storage {
            senders: store.clone(),
            credentials: store.clone(),
            admission: store.clone(),
            registrations: store.clone(),
            confirmations: store.clone(),
            outbox: store.clone(),
            feedback: store.clone(),
            sharing: store.clone(),
            held: store.clone(),
            retention: store.clone(),
            rekey: store.clone(),
            pseudonyms: Arc::clone(&store.pseudonyms),
            audit: store.clone(),
            operator_tokens: store,
        })
    }

    /// The same, as the one value behind all traits.
    pub(super) async fn open_engine(
        location: &Location,
        keys: impl Into<StorageKeyring> + Send,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StorageError> {
        let keys = keys.into();
        let (lock, mut writer) = open_writer(location).await?;
        migrations::migrate(&mut writer).await?;
        let in_use = keys_in_use(&mut writer).await?;
        // Another key than the newest where the key file asks for a rotation that has not begun.
        let current = storage_keys::fitting(in_use, &keys)?;
        if in_use.is_none() {
            storage_keys::note_first(&mut writer, current.id()).await?;
        }
        let cipher = storage_keys::cipher(current, &keys);
        let pseudonyms = storage_keys::pseudonyms(&mut writer, current, &cipher).await?;
        let (mut readers, mut lists) = (Vec::new(), None);
        if let Location::File(path) = location {
            let list = Erasures::beside(path);
            list.complete(&mut writer).await?;
            lists = Some((list, Removals::beside(path)));
            for _ in 0..READERS {
                readers.push(options(path).read_only(true).connect().await.map_err(failure)?);
            }
        }
        let backlog = Backlog::count(&mut writer).await?;
        let usage_recorder = UsageRecorder::default();
        sharing::read_agreed(&mut writer, &usage_recorder).await?;
        let connections = Connections::new(writer, readers);
        let in_memory = (backlog, usage_recorder);
        Ok(Self::new(connections, lock, lists, in_memory, cipher, pseudonyms, entropy))
    }

    /// Brings the database to the schema of this release, and does nothing else.
    pub async fn migrate(location: &Location) -> Result<(), StorageError> {
        let (_lock, mut writer) = open_writer(location).await?;
        migrations::migrate(&mut writer).await?;
        writer.close().await.map_err(failure)
    }
}

async fn open_writer(location: &Location) -> Result<(Option<LockFile>, SqliteConnection), StorageError> {
    let Location::File(path) = location else {
        let writer = tuned(SqliteConnectOptions::new().in_memory(true)).connect().await.map_err(failure)?;
        return Ok((None, writer));
    };
    let lock = LockFile::take(path)?;
    create_private(path).map_err(|error| cannot_open(&error))?;
    Ok((Some(lock), writer_options(path).connect().await.map_err(failure)?))
}

/// How the one connection that writes is opened.
pub(super) fn writer_options(path: &Path) -> SqliteConnectOptions {
    options(path)
        // Erased rows leave free pages behind; `overwriting.rs` gives them back to the file system in small steps.
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        // After a burst the log is cut to this size again, at the next checkpoint.
        .pragma("journal_size_limit", "16777216")
}

pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    tuned(SqliteConnectOptions::new().filename(path))
}

fn tuned(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(true)
        // What was promised must survive a power cut, also in WAL mode.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        // ON, not FAST: what is erased is overwritten with zeros also where that costs a write of its own,
        // because "erased" is a promise of this relay.
        .pragma("secure_delete", "ON")
        // No row is ever spilled to a temporary file.
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-8192")
        // The schema's own expressions may call nothing with side effects.
        .pragma("trusted_schema", "OFF")
        .statement_cache_capacity(256)
        .row_buffer_size(1024)
        .disable_statement_logging()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;
    use crate::privacy::StorageKey;

    async fn pragma(connection: &mut SqliteConnection, name: &str) -> String {
        let statement = sqlx::AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
        sqlx::query_scalar(statement).fetch_one(connection).await.unwrap()
    }

    /// What a setting is called is one thing; that it took, another: some must be set before the first table.
    #[tokio::test]
    async fn every_setting_took() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("relay.db"));
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open_engine(&location, &key, Arc::new(OsEntropy)).await.unwrap();
        let mut writer = store.connections.write().await;

        for (name, expected) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("foreign_keys", "1"),
            ("secure_delete", "1"),
            ("auto_vacuum", "2"),
            ("temp_store", "2"),
            ("trusted_schema", "0"),
            ("journal_size_limit", "16777216"),
        ] {
            assert_eq!(pragma(&mut writer, name).await, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("relay.db"));
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open_engine(&location, &key, Arc::new(OsEntropy)).await.unwrap();
        let mut reader = store.connections.read().await;

        let error = sqlx::query("DELETE FROM meta").execute(&mut *reader).await.map_err(failure).unwrap_err();

        assert!(matches!(error, StorageError::Unwritable("it is read-only")), "{error}");
    }
}
