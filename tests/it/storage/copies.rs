//! Backups and restores of the SQLite database.

use std::path::{Path, PathBuf};

use sealpush::base::{Clock, SystemClock};
use sealpush::privacy::StorageKey;
use sealpush::storage::StorageError;
use sealpush::storage::sqlite::{Restored, back_up, restore};
use serde_json::json;

use crate::support::{Sender, World};

fn key(world: &World) -> StorageKey {
    let text = std::fs::read_to_string(world.folder.path().join("storage.key")).unwrap();
    let bytes = sealpush_seal::base64url::decode(text.trim_end()).unwrap();
    StorageKey::from_bytes(bytes.try_into().unwrap())
}

pub(super) fn database(world: &World) -> PathBuf {
    world.folder.path().join("sealpush.db")
}

pub(super) async fn backup(world: &World, name: &str) -> PathBuf {
    let to = world.folder.path().join(name);
    back_up(&database(world), &to).await.unwrap();
    to
}

pub(super) async fn restored(world: &mut World, from: &Path) -> Result<Restored, StorageError> {
    world.stop_relay().await;
    let restored = restore(from, &database(world), &key(world), SystemClock.now()).await;
    world.start_relay().await;
    restored
}

async fn status(world: &World, sender: &Sender) -> u16 {
    let targets = json!([{"subscription": World::subscription_id()}]);
    world.notify(sender, json!({"targets": targets})).await.status.as_u16()
}

#[tokio::test]
async fn an_erased_sender_stays_erased_after_a_restore() {
    let mut world = World::builder().own_process().start().await;
    let (gone, stays) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let from = backup(&world, "backup.db").await;
    world.admin.call(http::Method::DELETE, &format!("/admin/senders/{}", gone.id), None, None).await;

    let restored = restored(&mut world, &from).await.unwrap();

    assert_eq!((restored.erased, restored.complete), (1, true));
    let left = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_str().unwrap().contains("restoring")));
    assert_eq!((status(&world, &gone).await, status(&world, &stays).await), (401, 200));
    world.end().await;
}

#[tokio::test]
async fn an_erased_sender_stays_erased_where_the_database_was_lost() {
    let mut world = World::builder().own_process().start().await;
    let (gone, stays) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let from = backup(&world, "backup.db").await;
    world.admin.call(http::Method::DELETE, &format!("/admin/senders/{}", gone.id), None, None).await;
    world.stop_relay().await;
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(world.folder.path().join(format!("sealpush.db{end}")));
    }

    let restored = restored(&mut world, &from).await.unwrap();

    assert_eq!((restored.erased, restored.complete, restored.replaced), (1, false, None));
    assert_eq!((status(&world, &gone).await, status(&world, &stays).await), (401, 200));
    world.end().await;
}

#[tokio::test]
async fn what_was_removed_or_went_out_since_does_not_come_back() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let (gone, stays) = (world.iphone(&sender, false).await, world.iphone(&sender, false).await);
    // Waits in the outbox while the backup is made, and goes out after it.
    world.script(&stays, push_simulator::Effect::apns(503, "ServiceUnavailable"), 1);
    let targets = json!([{"subscription": stays.subscription}]);
    let id = world.notification_id();
    world.notify(&sender, json!({"id": id, "targets": targets, "wait": false})).await;
    let from = backup(&world, "backup.db").await;
    world.delete(&format!("/v1/registrations/{}", gone.registration), &gone.credential).await;
    world.decided(&sender, &id).await;

    let restored = restored(&mut world, &from).await.unwrap();

    assert!(restored.complete && restored.waiting == 0, "{restored:?}");
    let targets = json!([{"subscription": gone.subscription}, {"subscription": stays.subscription}]);
    let answer = world.notify(&sender, json!({"targets": targets})).await.json();
    let outcomes: Vec<_> = (0..2).map(|at| answer["targets"][at]["outcome"].clone()).collect();
    assert_eq!(outcomes, ["gone", "accepted"], "{answer}");
    world.end().await;
}

#[tokio::test]
async fn a_backup_made_under_load_is_whole() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let send = async |count: usize| {
        for _ in 0..count {
            let targets = json!([{"subscription": phone.subscription}]);
            world.notify(&sender, json!({"targets": targets, "wait": false})).await;
        }
    };
    let copy = async {
        let mut last = PathBuf::new();
        for at in 0..5 {
            last = backup(&world, &format!("backup-{at}.db")).await;
        }
        last
    };
    let (from, (), (), ()) = tokio::join!(copy, send(40), send(40), send(40));

    let restored = restored(&mut world, &from).await.unwrap();

    assert!(restored.complete, "{restored:?}");
    assert_eq!(status(&world, &sender).await, 200);
    let verdict = world.admin.get("/admin/audit/verify", None).await.json();
    assert_eq!(verdict["intact"], true);
    world.end().await;
}

#[tokio::test]
async fn nothing_is_restored_beside_a_running_relay() {
    let world = World::builder().own_process().start().await;
    let from = backup(&world, "backup.db").await;
    let error = restore(&from, &database(&world), &key(&world), SystemClock.now()).await.unwrap_err();
    assert!(matches!(error, StorageError::Locked(_)), "{error}");
    world.end().await;
}

#[tokio::test]
async fn a_backup_that_the_relay_could_not_start_with_changes_nothing() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let from = backup(&world, "backup.db").await;
    world.stop_relay().await;
    let (path, now) = (database(&world), SystemClock.now());
    let other = StorageKey::from_bytes([9; 32]);

    let wrong_key = restore(&from, &path, &other, now).await.unwrap_err();
    std::fs::write(&from, "no database, but long enough to look like one ".repeat(100)).unwrap();
    let no_database = restore(&from, &path, &key(&world), now).await.unwrap_err();

    assert!(matches!(wrong_key, StorageError::WrongKey), "{wrong_key}");
    assert!(matches!(no_database, StorageError::Schema(_)), "{no_database}");
    assert!(!world.folder.path().join("sealpush.db.restoring").exists());
    world.start_relay().await;
    assert_eq!(status(&world, &sender).await, 200);
    world.end().await;
}

#[tokio::test]
async fn a_backup_is_for_its_owner_alone_and_never_over_another_file() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::builder().own_process().start().await;
    let to = backup(&world, "backup.db").await;
    let again = back_up(&database(&world), &to).await.unwrap_err();
    assert!(matches!(again, StorageError::Unwritable("there is a file of that name")), "{again}");
    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    world.end().await;
}

#[tokio::test]
async fn what_was_removed_on_request_stays_so_where_the_database_was_lost() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let (gone, ended, stays) = (
        world.iphone(&sender, false).await,
        world.android(&sender, false).await,
        world.iphone(&sender, false).await,
    );
    let from = backup(&world, "backup.db").await;
    world.delete(&format!("/v1/registrations/{}", gone.registration), &gone.credential).await;
    world.delete(&format!("/v1/subscriptions/{}", ended.subscription), &sender.credential).await;
    world.stop_relay().await;
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(world.folder.path().join(format!("sealpush.db{end}")));
    }

    let restored = restored(&mut world, &from).await.unwrap();

    assert_eq!((restored.removed, restored.complete), (2, false), "{restored:?}");
    let targets: Vec<_> =
        [&gone, &ended, &stays].iter().map(|phone| json!({"subscription": phone.subscription})).collect();
    let answer = world.notify(&sender, json!({"targets": targets})).await.json();
    let outcomes: Vec<_> = (0..3).map(|at| answer["targets"][at]["outcome"].clone()).collect();
    assert_eq!(outcomes, ["gone", "gone", "accepted"], "{answer}");
    world.end().await;
}
