//! What holds for a SQLite database in a file, and for no other engine.

use std::path::Path;
use std::sync::Arc;

use sealpush::base::{OsEntropy, UnixMillis};
use sealpush::model::{AuditEntry, AuditMark, AuditRecord, AuditVerdict, Outcome, Reason};
use sealpush::privacy::StorageKey;
use sealpush::storage::sqlite::{Location, SqliteStore};
use sealpush::storage::{Found, StorageError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use super::test_store::{DONE, NOW, TestStore, delivery, entry, notification, storage_key, token};

async fn try_open(path: &Path, key: &StorageKey) -> Result<(), StorageError> {
    let location = Location::File(path.to_owned());
    SqliteStore::open(&location, key, Arc::new(OsEntropy)).await.map(drop)
}

#[tokio::test]
async fn what_was_promised_is_there_after_a_restart() {
    let store = TestStore::sqlite_in_a_file().await;
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    assert_eq!(store.promise(&notification, &[&delivery]).await, DONE);

    let store = store.reopen().await;

    let leases = store.lease(NOW, NOW, 10).await.unwrap();
    assert_eq!(leases[0].delivery.id, delivery.id);
    assert_eq!(leases[0].delivery.reach, reach);
}

/// The files as they stand while the process lives are what a crash leaves behind.
#[tokio::test]
async fn what_was_promised_is_in_the_files_at_once() {
    let store = TestStore::sqlite_in_a_file().await;
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    store.promise(&notification, &[&delivery(&notification, &reach)]).await;
    let copy = tempfile::tempdir().unwrap();
    for name in ["relay.db", "relay.db-wal"] {
        std::fs::copy(store.folder().join(name), copy.path().join(name)).unwrap();
    }

    let location = Location::File(copy.path().join("relay.db"));
    let after = SqliteStore::open(&location, &storage_key(), Arc::new(OsEntropy)).await.unwrap();

    let known = after.outbox.known(reach.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.pending.len(), 1);
}

#[tokio::test]
async fn a_database_that_is_in_use_is_refused() {
    let store = TestStore::sqlite_in_a_file().await;
    let path = store.folder().join("relay.db");

    let error = try_open(&path, &storage_key()).await.unwrap_err();

    assert!(matches!(&error, StorageError::Locked(name) if name.ends_with("relay.db")), "{error}");
    let error = SqliteStore::migrate(&Location::File(path)).await.unwrap_err();
    assert!(matches!(error, StorageError::Locked(_)), "{error}");
}

#[tokio::test]
async fn another_storage_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.db");
    try_open(&path, &storage_key()).await.unwrap();

    let error = try_open(&path, &StorageKey::from_bytes([8; 32])).await.unwrap_err();

    assert!(matches!(error, StorageError::WrongKey), "{error}");
    try_open(&path, &storage_key()).await.unwrap();
}

#[tokio::test]
async fn a_migrated_database_opens_under_any_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.db");

    SqliteStore::migrate(&Location::File(path.clone())).await.unwrap();
    SqliteStore::migrate(&Location::File(path.clone())).await.unwrap();

    try_open(&path, &StorageKey::from_bytes([9; 32])).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.db");
    std::fs::write(&path, "a letter to somebody, longer than a header of SQLite. ".repeat(10)).unwrap();
    let before = std::fs::read(&path).unwrap();

    let error = try_open(&path, &storage_key()).await.unwrap_err();

    assert!(matches!(error, StorageError::Schema(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn another_programs_database_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.db");
    let raw = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    change(raw.clone(), "CREATE TABLE senders (letter TEXT)").await;

    let error = try_open(&path, &storage_key()).await.unwrap_err();

    assert!(matches!(error, StorageError::Schema(_)), "{error}");
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut raw.connect().await.unwrap())
        .await
        .unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let store = TestStore::sqlite_in_a_file().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'of tomorrow', TRUE, x'00', 0)";
    change(store.raw(), newer).await;

    let error = store.close_and_try_to_open().await.unwrap_err();

    assert!(matches!(&error, StorageError::Schema(text) if text.contains("9999")), "{error}");
}

#[tokio::test]
async fn a_migration_that_was_changed_is_refused() {
    let store = TestStore::sqlite_in_a_file().await;
    change(store.raw(), "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;

    let error = store.close_and_try_to_open().await.unwrap_err();

    assert!(matches!(error, StorageError::Schema(_)), "{error}");
}

#[tokio::test]
async fn the_audit_log_can_be_neither_changed_nor_shortened() {
    let store = TestStore::sqlite_in_a_file().await;
    store.audit.append(&entry("app.add")).await.unwrap();
    let mut raw = store.raw().connect().await.unwrap();

    for statement in ["UPDATE audit_log SET detail = 'x'", "DELETE FROM audit_log"] {
        let error = sqlx::query(statement).execute(&mut raw).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}

/// What the relay itself may do when their time is over, nobody may do before, or in the middle, or in silence.
#[tokio::test]
async fn the_audit_log_is_cut_only_where_that_is_told_and_old_enough() {
    let store = TestStore::sqlite_in_a_file().await;
    for days in [0, 1, 40] {
        let at = UnixMillis(NOW.0 + days * 86_400_000);
        store.audit.append(&AuditEntry { at, ..entry("app.add") }).await.unwrap();
    }
    let marks: Vec<_> = store.audit.list(0, 9).await.unwrap().iter().map(AuditRecord::mark).collect();
    let mut raw = store.raw().connect().await.unwrap();
    let note = async |raw: &mut SqliteConnection, mark: &AuditMark| {
        let query = sqlx::query("INSERT INTO audit_cuts (sequence, hash) VALUES ($1, $2)");
        query.bind(mark.sequence).bind(mark.hash.to_vec()).execute(raw).await
    };

    assert!(note(&mut raw, &marks[0]).await.is_err(), "it is told nowhere");
    let at = UnixMillis(NOW.0 + 40 * 86_400_000);
    store.audit.append(&AuditEntry { at, detail: marks[2].told(), ..entry("audit.cut") }).await.unwrap();
    assert!(note(&mut raw, &marks[2]).await.is_err(), "it is of today");
    store.audit.append(&AuditEntry { at, detail: marks[1].told(), ..entry("audit.cut") }).await.unwrap();
    assert!(note(&mut raw, &marks[0]).await.is_err(), "another one is told");

    note(&mut raw, &marks[1]).await.unwrap();

    let beyond = sqlx::query("DELETE FROM audit_log WHERE sequence <= 3").execute(&mut raw).await;
    assert!(beyond.unwrap_err().to_string().contains("append-only"));
    sqlx::query("DELETE FROM audit_log WHERE sequence <= 2").execute(&mut raw).await.unwrap();
    for statement in ["UPDATE audit_cuts SET sequence = 4", "DELETE FROM audit_cuts"] {
        assert!(sqlx::query(statement).execute(&mut raw).await.is_err(), "{statement}");
    }
    assert!(store.audit.verify(None).await.unwrap().is_intact());
}

#[tokio::test]
async fn a_cut_that_no_entry_tells_of_shows() {
    let store = TestStore::sqlite_in_a_file().await;
    for _ in 0..4 {
        store.audit.append(&entry("app.add")).await.unwrap();
    }
    for statement in [
        "DROP TRIGGER audit_log_is_cut_only_as_told",
        "INSERT INTO audit_cuts SELECT sequence, hash FROM audit_log WHERE sequence = 2",
        "DELETE FROM audit_log WHERE sequence <= 2",
    ] {
        change(store.raw(), statement).await;
    }

    assert_eq!(store.audit.verify(None).await.unwrap(), AuditVerdict::CutNotTold(2));
}

/// Whoever can write to the file can drop the triggers too, but not mend the chain.
#[tokio::test]
async fn a_changed_removed_or_inserted_entry_of_the_audit_log_shows() {
    for (forgery, broken) in [
        ("UPDATE audit_log SET detail = 'x' WHERE sequence = 2", 2),
        ("UPDATE audit_log SET at = at + 1 WHERE sequence = 3", 3),
        ("UPDATE audit_log SET hash = zeroblob(32) WHERE sequence = 1", 1),
        ("DELETE FROM audit_log WHERE sequence = 2", 3),
        ("DELETE FROM audit_log WHERE sequence = 1", 2),
        ("UPDATE audit_log SET sequence = 9 WHERE sequence = 4", 9),
        ("UPDATE audit_log SET sequence = 105 - sequence WHERE sequence IN (2, 3)", 4),
        (
            "UPDATE audit_log SET hash = (SELECT hash FROM audit_log AS other
             WHERE other.sequence = 5 - audit_log.sequence) WHERE sequence IN (2, 3)",
            2,
        ),
    ] {
        let store = TestStore::sqlite_in_a_file().await;
        for _ in 0..4 {
            store.audit.append(&entry("app.add")).await.unwrap();
        }
        change(store.raw(), "DROP TRIGGER audit_log_is_never_changed").await;
        change(store.raw(), "DROP TRIGGER audit_log_is_shortened_by_cuts_alone").await;

        change(store.raw(), forgery).await;

        assert_eq!(store.audit.verify(None).await.unwrap(), AuditVerdict::Broken(broken), "{forgery}");
    }
}

#[tokio::test]
async fn a_token_that_was_moved_to_another_row_is_not_read() {
    let store = TestStore::sqlite_in_a_file().await;
    let sender = store.sender().await;
    let (one, two) = (store.reached_by(sender).await, store.reached_by(sender).await);
    let swap = "UPDATE registrations SET device_token = (SELECT min(device_token) FROM registrations)";

    change(store.raw(), swap).await;

    // Of one sender, both are asked for at once: one that cannot be read does not hide the other.
    let read = store.registrations.reach(sender, &[one.subscription, two.subscription]).await.unwrap();
    assert!(read.contains(&Found::Unreadable), "{read:?}");
    assert!(read.contains(&Found::Reach(one)) || read.contains(&Found::Reach(two)), "{read:?}");
}

#[tokio::test]
async fn a_delivery_that_cannot_be_read_ends_and_holds_up_no_other() {
    let store = TestStore::sqlite_in_a_file().await;
    let (one, two) = (store.reached().await, store.reached().await);
    let notifications = [&one, &two].map(|reach| (notification(reach.sender), reach));
    for (notification, reach) in &notifications {
        store.promise(notification, &[&delivery(notification, reach)]).await;
    }
    change(store.raw(), "UPDATE deliveries SET payload = x'ff' WHERE seq = 1").await;

    let leases = store.lease(NOW, NOW, 10).await.unwrap();

    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0].delivery.reach, two);
    let known = store.outbox.known(one.sender, notifications[0].0.id).await.unwrap().unwrap();
    assert_eq!(known.pending, []);
    assert_eq!(known.decided[0].outcome, Outcome::Rejected(Reason::ours("unreadable")));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();

    let error = try_open(&folder.path().join("none/relay.db"), &storage_key()).await.unwrap_err();

    assert!(matches!(error, StorageError::Unwritable("its folder does not exist")), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let store = TestStore::sqlite_in_a_file().await;
    store.sender().await;

    let mut names = Vec::new();
    for entry in std::fs::read_dir(store.folder()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }

    names.sort();
    assert_eq!(names, ["relay.db", "relay.db-shm", "relay.db-wal", "relay.db.lock"]);
}

#[tokio::test]
async fn a_device_token_is_in_no_file() {
    let store = TestStore::sqlite_in_a_file().await;
    let text = "0dec0de5ca1ab1e0".repeat(4);
    let registration = super::test_store::registration(&token(&text));
    store.registrations.register(&registration).await.unwrap();

    let found = store.registrations.registration(registration.id).await.unwrap();

    assert_eq!(found, Some(registration.clone()));
    assert!(!is_in_a_file(&store, text.as_bytes()));
    assert!(!is_in_a_file(&store, &text.to_ascii_uppercase().into_bytes()));
    // The search finds what is stored as it is.
    assert!(is_in_a_file(&store, registration.id.as_bytes()));
}

#[tokio::test]
async fn an_erased_sender_is_in_no_file() {
    let store = TestStore::sqlite_in_a_file().await;
    let sender = store.sender().await;
    assert!(is_in_a_file(&store, sender.as_bytes()));

    store.senders.erase(sender, &entry("sender.erase")).await.unwrap();

    assert!(!is_in_a_file(&store, sender.as_bytes()));
}

/// Changes the database behind the store's back.
async fn change(raw: SqliteConnectOptions, statement: &'static str) {
    sqlx::query(statement).execute(&mut raw.connect().await.unwrap()).await.unwrap();
}

fn is_in_a_file(store: &TestStore, bytes: &[u8]) -> bool {
    std::fs::read_dir(store.folder()).unwrap().any(|entry| {
        let contents = std::fs::read(entry.unwrap().path()).unwrap();
        contents.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[tokio::test]
async fn a_delivery_in_no_lane_is_found_when_it_has_come_to_its_end() {
    let store = TestStore::sqlite_in_a_file().await;
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;
    let mut raw = store.raw().connect().await.unwrap();
    sqlx::query("UPDATE deliveries SET way = 'nowhere'").execute(&mut raw).await.unwrap();

    let store = store.reopen().await;

    assert_eq!(store.outbox.lanes(), []);
    let end = delivery.deadline();
    assert_eq!(store.lease(NOW, end, 10).await.unwrap().len(), 0);
    assert_eq!(store.lease(end, end, 10).await.unwrap().len(), 1);
}
