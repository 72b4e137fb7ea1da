//! The storage key is rotated while the store is used.

use sealpush::base::UnixMillis;
use sealpush::model::{AuditEntry, Payload};
use sealpush::privacy::{StorageKey, StorageKeyring};
use sealpush::storage::{Begun, KeysInUse, Registered, Storage};

use super::contents::clear;
use super::on_every_engine;
use super::test_store::{NOW, TestStore, app, entry, storage_key};

on_every_engine!(
    everything_is_read_and_found_while_the_key_is_rotated_and_after,
    the_same_registration_is_known_again_in_the_midst_of_a_rotation_and_after,
    clear_content_that_waits_moves_too,
    what_is_written_in_the_midst_of_a_rotation_is_under_the_new_key,
    keys_that_do_not_go_on_from_those_in_use_change_nothing,
    a_rotation_is_in_the_audit_log_with_its_end,
    keyed_hashes_outlive_the_key_that_they_came_from,
);

/// The key that the tests rotate to.
pub(super) fn new_key() -> StorageKey {
    StorageKey::from_bytes([8; 32])
}

/// A key file in the midst of a rotation.
pub(super) fn both_keys() -> StorageKeyring {
    StorageKeyring { newest: new_key(), before: Some(storage_key()) }
}

pub(super) async fn begin(store: &Storage) -> Begun {
    store.rekey.begin_rekey(&both_keys(), &entry("storage_key.rotate")).await.unwrap()
}

/// Steps until nothing is under the old key; how many steps it took.
pub(super) async fn finish(store: &Storage, limit: u32) -> u32 {
    let mut steps = 1;
    while !store.rekey.rekey_step(limit, &end()).await.unwrap().finished {
        steps += 1;
        assert!(steps < 1_000, "the rotation does not come to its end");
    }
    steps
}

fn end() -> AuditEntry {
    entry("storage_key.drop")
}

async fn in_use(store: &Storage) -> KeysInUse {
    store.rekey.keys_in_use().await.unwrap()
}

async fn everything_is_read_and_found_while_the_key_is_rotated_and_after(store: &TestStore) {
    let mut all = Vec::new();
    for _ in 0..7 {
        all.push(store.registration().await);
    }
    all.sort_by_key(|registration| registration.id);
    assert_eq!(begin(store).await, Begun::Done);
    for _ in 0..2 {
        store.rekey.rekey_step(3, &end()).await.unwrap();
    }
    let between = KeysInUse { current: new_key().id(), previous: Some(storage_key().id()) };
    assert_eq!(in_use(store).await, between);
    // The first has moved, the last has not.
    for retired in [&all[0], &all[6]] {
        assert_eq!(store.registrations.registration(retired.id).await.unwrap().as_ref(), Some(retired));
        assert_eq!(store.retire(&app(), &retired.device_token, None, NOW).await.unwrap(), 1);
    }

    assert!(finish(store, 3).await > 2);

    assert_eq!(in_use(store).await, KeysInUse { current: new_key().id(), previous: None });
    for registration in &all[1..6] {
        assert_eq!(
            store.registrations.registration(registration.id).await.unwrap().as_ref(),
            Some(registration)
        );
    }
    assert_eq!(store.retire(&app(), &all[3].device_token, None, NOW).await.unwrap(), 1);
}

async fn the_same_registration_is_known_again_in_the_midst_of_a_rotation_and_after(store: &TestStore) {
    let registration = store.registration().await;
    begin(store).await;
    assert_eq!(store.registrations.register(&registration).await.unwrap(), Registered::Same);
    finish(store, 10).await;
    assert_eq!(store.registrations.register(&registration).await.unwrap(), Registered::Same);
}

async fn clear_content_that_waits_moves_too(store: &TestStore) {
    let (alone, one) = clear(store, 1).await;
    let (shared, three) = clear(store, 3).await;
    store.promise(&alone, &[&one[0]]).await;
    store.promise(&shared, &[&three[0], &three[1], &three[2]]).await;
    begin(store).await;
    finish(store, 10).await;
    let leases = store.lease(NOW, UnixMillis(NOW.0 + 1), 10).await.unwrap();
    // A payload that did not open would have ended its delivery.
    let are_clear = leases.iter().all(|lease| matches!(lease.delivery.payload, Payload::Clear(_)));
    assert_eq!((leases.len(), are_clear), (4, true));
}

async fn what_is_written_in_the_midst_of_a_rotation_is_under_the_new_key(store: &TestStore) {
    begin(store).await;
    store.registration().await;
    // Nothing to move: the first walk is the last, which takes five steps.
    assert_eq!(finish(store, 10).await, 4);
}

async fn keys_that_do_not_go_on_from_those_in_use_change_nothing(store: &TestStore) {
    let other = StorageKey::from_bytes([9; 32]);
    let begin_with = async |newest: StorageKey, before: StorageKey| {
        let keys = StorageKeyring { newest, before: Some(before) };
        store.rekey.begin_rekey(&keys, &entry("storage_key.rotate")).await.unwrap()
    };
    assert_eq!(begin_with(new_key(), other.clone()).await, Begun::NotARotation);
    assert_eq!(in_use(store).await, KeysInUse { current: storage_key().id(), previous: None });
    assert_eq!(begin(store).await, Begun::Done);
    assert_eq!(begin(store).await, Begun::Already);
    assert_eq!(begin_with(other.clone(), new_key()).await, Begun::NotARotation, "the first is not finished");
    finish(store, 10).await;
    assert_eq!(begin_with(other, new_key()).await, Begun::Done);
}

async fn a_rotation_is_in_the_audit_log_with_its_end(store: &TestStore) {
    begin(store).await;
    begin(store).await;
    finish(store, 10).await;
    finish(store, 10).await;
    let entries = store.audit.list(0, 10).await.unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["storage_key.rotate", "storage_key.drop"]);
    assert!(store.audit.verify(None).await.unwrap().is_intact());
}

async fn keyed_hashes_outlive_the_key_that_they_came_from(store: &TestStore) {
    let before = store.pseudonyms.body_hash(b"{}");
    begin(store).await;
    finish(store, 10).await;
    assert_eq!(store.pseudonyms.body_hash(b"{}"), before);
}
