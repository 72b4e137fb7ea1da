//! The connections: one that writes, and some that only read.
//!
//! SQLite takes one writer at a time, so there is exactly one, and who wants to write waits for it here
//! instead of for a lock in the file. A database in memory has no other connection: it reads there too.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::SqliteConnection;
use tokio::sync::{Mutex, MutexGuard};

use super::failure::failure;
use crate::storage::StorageError;

const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";
/// More than any free page holds, so that a full disk shows.
pub(super) const TRY: &str = "INSERT INTO meta (name, value) VALUES ('try', zeroblob(32768))";
pub(super) const END_OF_TRY: &str = "DELETE FROM meta WHERE name = 'try'";

/// A connection, and whether a transaction was begun on it and not ended.
struct Connection {
    sqlite: SqliteConnection,
    begun: bool,
}

/// All connections of one store.
pub(super) struct Connections {
    writer: Arc<Mutex<Connection>>,
    readers: Vec<Arc<Mutex<Connection>>>,
    next: AtomicUsize,
    /// A write did not come to its end since the last one that was tried to see.
    doubted: AtomicBool,
}

impl Connections {
    /// One connection that writes, and `readers` that do not; without any, the writer reads too.
    pub(super) fn new(writer: SqliteConnection, readers: Vec<SqliteConnection>) -> Self {
        let shared = |sqlite| Arc::new(Mutex::new(Connection { sqlite, begun: false }));
        let writer = shared(writer);
        let mut readers: Vec<_> = readers.into_iter().map(shared).collect();
        if readers.is_empty() {
            readers.push(Arc::clone(&writer));
        }
        Self { writer, readers, next: AtomicUsize::new(0), doubted: AtomicBool::new(false) }
    }

    /// A connection for one reading statement.
    pub(super) async fn read(&self) -> Held<'_> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let guard = if let Some(guard) = free {
            guard
        } else {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            self.readers[turn % self.readers.len()].lock().await
        };
        Held::clean(guard).await
    }

    /// The connection that writes, for one statement that is a transaction by itself.
    pub(super) async fn write(&self) -> Held<'_> {
        Held::clean(self.writer.lock().await).await
    }

    /// Begins a transaction. Dropped without [`Transaction::commit`], nothing of it remains.
    pub(super) async fn begin(&self) -> Result<Transaction<'_>, StorageError> {
        let mut held = self.write().await;
        held.guard.begun = true;
        let mut transaction = Transaction { held, doubted: &self.doubted };
        sqlx::query(BEGIN).execute(&mut *transaction).await.map_err(failure)?;
        Ok(transaction)
    }

    /// The meaning of `error`, which a statement met that was to write.
    pub(super) fn write_failure(&self, error: sqlx::Error) -> StorageError {
        self.doubted.store(true, Ordering::Relaxed);
        failure(error)
    }

    /// Whether the database can be written. After a write that did not come to its end, some pages are
    /// written and erased to see; nothing is written where all went well.
    pub(super) async fn writable(&self) -> Result<(), StorageError> {
        if self.doubted.load(Ordering::Relaxed) {
            let mut transaction = self.begin().await?;
            for statement in [TRY, END_OF_TRY] {
                sqlx::query(statement).execute(&mut *transaction).await.map_err(failure)?;
            }
            transaction.commit().await?;
            self.doubted.store(false, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// A connection for as long as this is held.
pub(super) struct Held<'a> {
    guard: MutexGuard<'a, Connection>,
}

impl<'a> Held<'a> {
    /// Ends what a caller left behind that failed or was dropped within its transaction.
    ///
    /// Not the driver's own transaction type: that counts a transaction as open until its ROLLBACK succeeds,
    /// and SQLite has rolled back by itself after a full disk, so that the relay would never write again.
    async fn clean(mut guard: MutexGuard<'a, Connection>) -> Self {
        if guard.begun {
            // It fails where SQLite rolled back by itself, which is as good.
            let _ = sqlx::query(ROLLBACK).execute(&mut guard.sqlite).await;
            guard.begun = false;
        }
        Self { guard }
    }
}

impl Deref for Held<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.guard.sqlite
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.guard.sqlite
    }
}

/// A transaction on the connection that writes.
pub(super) struct Transaction<'a> {
    held: Held<'a>,
    doubted: &'a AtomicBool,
}

impl Transaction<'_> {
    /// Makes what was done durable: with `synchronous=FULL` it survives a crash when this returns.
    pub(super) async fn commit(self) -> Result<(), StorageError> {
        self.commit_then(|| {}).await
    }

    /// The same, and `then` before anybody else writes. Where the caller is dropped meanwhile, the commit may be carried
    /// out without it.
    pub(super) async fn commit_then(mut self, then: impl FnOnce()) -> Result<(), StorageError> {
        sqlx::query(COMMIT).execute(&mut self.held.guard.sqlite).await.map_err(failure)?;
        self.held.guard.begun = false;
        then();
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    /// A transaction that was not committed failed, or had nothing to write: whoever asks finds out.
    fn drop(&mut self) {
        if self.held.guard.begun {
            self.doubted.store(true, Ordering::Relaxed);
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.held
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.held
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::{OsEntropy, UnixMillis};
    use crate::model::{Actor, AuditEntry};
    use crate::privacy::StorageKey;
    use crate::storage::Audit;
    use crate::storage::sqlite::{Location, SqliteStore};

    async fn store() -> SqliteStore {
        let key = StorageKey::from_bytes([7; 32]);
        SqliteStore::open_engine(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap()
    }

    fn entry(detail: String) -> AuditEntry {
        let (actor, action, subject) = (Actor::Operator, "app.add", String::new());
        AuditEntry { at: UnixMillis(0), actor, action, subject, detail }
    }

    async fn set_most_pages(store: &SqliteStore, pages: u32) {
        let statement = format!("PRAGMA max_page_count = {pages}");
        let mut writer = store.connections.write().await;
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *writer).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_is_said_so_and_recovered_from() {
        let store = store().await;
        store.append(&entry(String::new())).await.unwrap();
        // No less than the pages in use is taken: no page can be added.
        set_most_pages(&store, 1).await;

        for _ in 0..3 {
            let error = store.append(&entry("x".repeat(100_000))).await.unwrap_err();
            assert!(matches!(error, StorageError::Unwritable(_)), "{error}");
            let error = store.connections.writable().await.unwrap_err();
            assert!(matches!(error, StorageError::Unwritable(_)), "{error}");
        }
        set_most_pages(&store, 1_000_000).await;
        store.connections.writable().await.unwrap();

        store.append(&entry("x".repeat(100_000))).await.unwrap();
        assert_eq!(Audit::list(&store, 0, 10).await.unwrap().len(), 2);
        assert!(store.verify(None).await.unwrap().is_intact());
    }

    #[tokio::test]
    async fn nothing_remains_of_a_transaction_that_was_dropped() {
        let store = store().await;

        let mut transaction = store.connections.begin().await.unwrap();
        let insert = "INSERT INTO meta (name, value) VALUES ('x', x'00')";
        sqlx::query(insert).execute(&mut *transaction).await.unwrap();
        drop(transaction);

        let mut reader = store.connections.read().await;
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM meta").fetch_one(&mut *reader).await.unwrap();
        assert_eq!(count, 1);
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_at_any_point_is_in_nobodys_way() {
        let store = store().await;
        let entry = entry(String::new());
        for polls in 0..40 {
            let mut appending = std::pin::pin!(store.append(&entry));
            for _ in 0..polls {
                if futures_util::poll!(appending.as_mut()).is_ready() {
                    break;
                }
                std::thread::yield_now();
            }
        }

        store.append(&entry).await.unwrap();

        assert!(store.verify(None).await.unwrap().is_intact());
        assert!(!store.connections.writer.lock().await.begun);
    }
}
