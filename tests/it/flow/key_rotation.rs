//! The storage key changes while notifications go out: nobody notices.

use push_simulator::Effect;
use serde_json::{Value, json};

use super::{to, with};
use crate::support::World;

/// Puts a new key before the one in use, as `sealpush keys rotate storage` does.
fn write_new_key(world: &World) {
    let file = world.folder.path().join("storage.key");
    let old = std::fs::read_to_string(&file).unwrap();
    let entropy: &dyn sealpush::base::Entropy = &sealpush::base::OsEntropy;
    let new = sealpush_seal::base64url::encode(&entropy.bytes::<32>());
    std::fs::write(file, format!("{new}\n{old}")).unwrap();
}

async fn storage_keys(world: &World) -> Vec<Value> {
    let list = world.admin.get("/admin/keys", None).await.json();
    list["keys"].as_array().unwrap().iter().filter(|key| key["kind"] == "storage").cloned().collect()
}

/// Begins to rotate the storage key, and waits until the relay has done it by itself.
async fn rotate(world: &World) {
    write_new_key(world);
    let begun = world.admin.post("/admin/keys/storage/rotate", None, &json!({})).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    World::until("everything is under the new key", async || storage_keys(world).await.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_notification_is_known_again_after_the_storage_key_was_rotated() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let notification = with(to(&[&phone]), json!({"id": world.notification_id()}));
    let first = world.notify(&sender, notification.clone()).await.text;

    rotate(&world).await;
    assert_eq!(world.notify(&sender, notification.clone()).await.text, first);
    world.stop_relay().await;
    world.start_relay().await;
    assert_eq!(world.notify(&sender, notification).await.text, first);

    assert_eq!(world.attempts(&phone).len(), 1);
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_still_retires_every_registration_that_holds_it() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    rotate(&world).await;
    world.script(&phone, Effect::fcm(push_simulator::FcmFailure::Unregistered), 1);
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "gone");
    let path = format!("/v1/registrations/{}", phone.registration);
    World::until("the registration is retired", async || {
        world.relay.get(&path, Some(&phone.credential)).await.status == 401
    })
    .await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_killed_while_it_rotates_goes_on_after_the_restart() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let first = storage_keys(&world).await;
    write_new_key(&world);
    world.admin.post("/admin/keys/storage/rotate", None, &json!({})).await;
    world.kill_relay();
    world.start_relay().await;
    World::until("everything is under the new key", async || storage_keys(&world).await.len() == 1).await;
    assert_ne!(storage_keys(&world).await, first);
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_does_not_go_on_from_the_key_in_use_changes_nothing() {
    let world = World::start().await;
    let before = storage_keys(&world).await;
    let file = world.folder.path().join("storage.key");
    std::fs::write(&file, sealpush_seal::base64url::encode(&[7; 32])).unwrap();
    let refused = world.admin.post("/admin/keys/storage/rotate", None, &json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "not_a_rotation".to_owned()));
    assert_eq!(storage_keys(&world).await, before);
    world.end().await;
}
