//! A rotation of the storage key that is cut off, at each point, and what the file holds in the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealpush::base::OsEntropy;
use sealpush::model::{Registration, RegistrationId};
use sealpush::privacy::{StorageKey, StorageKeyring};
use sealpush::storage::sqlite::{Location, SqliteStore, restore};
use sealpush::storage::{Begun, Storage, StorageError};
use tempfile::TempDir;

use super::rekey::{begin, both_keys, finish, new_key};
use super::test_store::{NOW, TestStore, entry, storage_key};

async fn open(file: &Path, keys: impl Into<StorageKeyring>) -> Result<Storage, StorageError> {
    SqliteStore::open(&Location::File(file.to_owned()), keys.into(), Arc::new(OsEntropy)).await
}

/// The files as they stand while the store lives, which are what a crash leaves behind.
fn after_a_crash(store: &TestStore) -> (TempDir, PathBuf) {
    let copy = tempfile::tempdir().unwrap();
    for name in ["relay.db", "relay.db-wal"] {
        std::fs::copy(store.folder().join(name), copy.path().join(name)).unwrap();
    }
    let file = copy.path().join("relay.db");
    (copy, file)
}

async fn holds(store: &Storage, registrations: &[Registration]) {
    for registration in registrations {
        let found = store.registrations.registration(registration.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(registration));
    }
}

async fn with_registrations() -> (TestStore, Vec<Registration>) {
    let store = TestStore::sqlite_in_a_file().await;
    let mut registrations = Vec::new();
    for _ in 0..5 {
        registrations.push(store.registration().await);
    }
    (store, registrations)
}

/// Whether any ciphertext in the files names this key.
fn names(folder: &Path, key: &StorageKey) -> bool {
    ["relay.db", "relay.db-wal"].into_iter().any(|name| {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
        bytes.windows(8).any(|window| window == key.id().0)
    })
}

#[tokio::test]
async fn a_crash_before_the_relay_heard_of_the_new_key_leaves_the_old_one_in_use() {
    let (store, registrations) = with_registrations().await;
    let (_folder, file) = after_a_crash(&store);
    let after = open(&file, both_keys()).await.unwrap();
    assert_eq!(after.rekey.keys_in_use().await.unwrap().current, storage_key().id());
    holds(&after, &registrations).await;
    assert_eq!(begin(&after).await, Begun::Done);
    finish(&after, 2).await;
    holds(&after, &registrations).await;
}

#[tokio::test]
async fn a_crash_after_any_step_loses_nothing_and_the_rotation_goes_on() {
    let (store, registrations) = with_registrations().await;
    let body_hash = store.pseudonyms.body_hash(b"{}");
    begin(&store).await;
    loop {
        let (_folder, file) = after_a_crash(&store);
        let after = open(&file, both_keys()).await.unwrap();
        holds(&after, &registrations).await;
        assert_eq!(after.pseudonyms.body_hash(b"{}"), body_hash);
        finish(&after, 2).await;
        drop(after);
        let after = open(&file, new_key()).await.unwrap();
        holds(&after, &registrations).await;
        assert_eq!(after.pseudonyms.body_hash(b"{}"), body_hash);
        let progress = store.rekey.rekey_step(2, &entry("storage_key.drop")).await.unwrap();
        if progress.finished {
            return;
        }
    }
}

#[tokio::test]
async fn both_keys_are_needed_until_it_is_finished_and_the_error_says_so() {
    let (store, _) = with_registrations().await;
    begin(&store).await;
    let (_folder, file) = after_a_crash(&store);
    assert!(matches!(open(&file, storage_key()).await.err(), Some(StorageError::WrongKey)));
    let error = open(&file, new_key()).await.err().unwrap();
    assert!(matches!(error, StorageError::KeyBeforeMissing), "{error}");
    assert!(error.to_string().contains("second line"), "{error}");
}

#[tokio::test]
async fn in_the_end_no_byte_names_the_old_key_and_it_opens_nothing() {
    let (store, _) = with_registrations().await;
    assert!(names(store.folder(), &storage_key()));
    begin(&store).await;
    finish(&store, 2).await;
    // The audit log would name it in words; its entries here have no subject.
    assert!(!names(store.folder(), &storage_key()) && names(store.folder(), &new_key()));
    let (_folder, file) = after_a_crash(&store);
    assert!(matches!(open(&file, storage_key()).await.err(), Some(StorageError::WrongKey)));
}

#[tokio::test]
async fn a_second_rotation_keeps_the_keyed_hashes_too() {
    let (store, registrations) = with_registrations().await;
    let body_hash = store.pseudonyms.body_hash(b"{}");
    begin(&store).await;
    finish(&store, 10).await;
    let third = StorageKey::from_bytes([9; 32]);
    let keys = StorageKeyring { newest: third.clone(), before: Some(new_key()) };
    store.rekey.begin_rekey(&keys, &entry("storage_key.rotate")).await.unwrap();
    finish(&store, 10).await;
    let (_folder, file) = after_a_crash(&store);
    let after = open(&file, third).await.unwrap();
    holds(&after, &registrations).await;
    assert_eq!(after.pseudonyms.body_hash(b"{}"), body_hash);
}

#[tokio::test]
async fn a_backup_from_before_needs_the_key_of_then_and_moves_to_the_new_one_after_its_restore() {
    let (store, registrations) = with_registrations().await;
    let backup = store.folder().join("backup.db");
    sealpush::storage::sqlite::back_up(&store.folder().join("relay.db"), &backup).await.unwrap();
    begin(&store).await;
    finish(&store, 10).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let database = elsewhere.path().join("relay.db");

    let refused = restore(&backup, &database, new_key(), NOW).await.err();
    assert!(matches!(refused, Some(StorageError::WrongKey)), "{refused:?}");
    assert!(!database.exists());
    restore(&backup, &database, both_keys(), NOW).await.unwrap();

    let restored = open(&database, both_keys()).await.unwrap();
    assert_eq!(begin(&restored).await, Begun::Done);
    finish(&restored, 10).await;
    drop(restored);
    holds(&open(&database, new_key()).await.unwrap(), &registrations).await;
}

#[tokio::test]
async fn a_damaged_row_holds_up_no_rotation() {
    let (store, registrations) = with_registrations().await;
    let broken: RegistrationId = registrations[0].id;
    let mut raw = sqlx::ConnectOptions::connect(&store.raw()).await.unwrap();
    let query = sqlx::query("UPDATE registrations SET device_token = x'00' WHERE id = $1");
    query.bind(broken.as_bytes().as_slice()).execute(&mut raw).await.unwrap();
    begin(&store).await;
    finish(&store, 2).await;
    holds(&store, &registrations[1..]).await;
    assert!(store.registrations.registration(broken).await.is_err());
}

/// Begins a rotation, and drops the call after so many polls.
async fn begin_and_give_up(store: &Storage, polls: u32) {
    let (keys, entry) = (both_keys(), entry("storage_key.rotate"));
    let mut beginning = std::pin::pin!(store.rekey.begin_rekey(&keys, &entry));
    for _ in 0..polls {
        if futures_util::poll!(beginning.as_mut()).is_ready() {
            break;
        }
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_caller_that_gives_up_at_any_point_ends_no_rotation_early() {
    for polls in 0..24 {
        let (store, registrations) = with_registrations().await;
        begin_and_give_up(&store, polls).await;
        begin(&store).await;
        finish(&store, 2).await;
        let (_folder, file) = after_a_crash(&store);
        holds(&open(&file, new_key()).await.unwrap(), &registrations).await;
    }
}

#[tokio::test]
async fn a_step_after_a_caller_gave_up_drops_no_key_that_something_is_under() {
    for polls in 0..24 {
        let (store, registrations) = with_registrations().await;
        begin_and_give_up(&store, polls).await;
        // Whoever writes next waits for what was begun. Then the relay's own task, which knows nothing of the caller.
        store.audit.append(&entry("app.add")).await.unwrap();
        finish(&store, 2).await;
        let in_use = store.rekey.keys_in_use().await.unwrap();
        let key = if in_use.current == new_key().id() { new_key() } else { storage_key() };
        let (_folder, file) = after_a_crash(&store);
        holds(&open(&file, key).await.unwrap(), &registrations).await;
    }
}
