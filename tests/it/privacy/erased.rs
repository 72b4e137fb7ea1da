//! What was erased through the API is gone from every file within seconds, while the relay goes on.

use serde_json::json;
use sqlx::{ConnectOptions, Row};

use super::places::written_files;
use crate::support::{Device, Sender, World};

/// What stands in the database of a registration: the ciphertext of its token, the keyed hash of it, its secret's hash.
async fn stored(world: &World, phone: &Device) -> Vec<Vec<u8>> {
    let file = world.folder.path().join("sealpush.db");
    let mut database =
        sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true).connect().await.unwrap();
    let statement =
        "SELECT device_token, token_hash, secret_hash, id FROM registrations WHERE lower(hex(id)) = $1";
    let query = sqlx::query(statement).bind(phone.registration.replace('-', ""));
    let row = query.fetch_one(&mut database).await.unwrap();
    (0..4).map(|column| row.get(column)).collect()
}

fn id_of(uuid: &str) -> Vec<u8> {
    hex::decode(uuid.replace('-', "")).unwrap()
}

/// In which files the bytes are.
fn places(world: &World, bytes: &[u8]) -> Vec<String> {
    let files = written_files(world).into_iter();
    let files = files.filter(|(_, text)| text.windows(bytes.len()).any(|window| window == bytes));
    files.map(|(name, _)| name).collect()
}

async fn are_gone(world: &World, all: &[Vec<u8>]) {
    World::until("the bytes are gone", || async { all.iter().all(|bytes| places(world, bytes).is_empty()) })
        .await;
}

/// Two phones of a sender, one of which has a delivery in the outbox.
async fn stage() -> (World, Sender, Device, Device) {
    let world = World::builder().own_process().leaves_work().start().await;
    let sender = world.sender("seal_or_omit").await;
    let (one, two) = (world.iphone(&sender, true).await, world.iphone(&sender, true).await);
    for phone in [&one, &two] {
        world.script(phone, push_simulator::Effect::apns(503, "ServiceUnavailable"), 1_000);
        let targets = json!([{"subscription": phone.subscription, "reference": reference(phone)}]);
        let answer = world.notify(&sender, json!({"targets": targets, "wait": false})).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        assert!(!places(&world, reference(phone).as_bytes()).is_empty());
    }
    (world, sender, one, two)
}

/// Which the push service sees, and the outbox holds.
fn reference(phone: &Device) -> String {
    format!("ref-{}", &phone.subscription[..8])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_registration_is_gone_from_every_byte() {
    let (world, _, one, two) = stage().await;
    let (mut gone, stays) = (stored(&world, &one).await, stored(&world, &two).await);
    assert!(gone.iter().chain(&stays).all(|bytes| !places(&world, bytes).is_empty()));
    gone.push(reference(&one).into_bytes());

    let path = format!("/v1/registrations/{}", one.registration);
    assert_eq!(world.delete(&path, &one.credential).await.status, 200);

    are_gone(&world, &gone).await;
    assert!(stays.iter().all(|bytes| !places(&world, bytes).is_empty()), "the other one stays");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_subscription_is_gone_but_for_what_its_sender_is_told() {
    let (world, sender, one, _) = stage().await;
    let path = format!("/v1/subscriptions/{}", one.subscription);
    assert_eq!(world.delete(&path, &one.credential).await.status, 200);
    are_gone(&world, &[reference(&one).into_bytes()]).await;
    assert_eq!(world.relay.get(&path, Some(&one.credential)).await.status, 404);
    // Acknowledged, it is in the outcomes alone, for a day.
    let told = world.relay.get("/v1/feedback", Some(&sender.credential)).await.json();
    assert_eq!(told["subscriptions"][0]["subscription"], json!(one.subscription));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_sender_is_gone_from_every_byte_but_the_audit_log() {
    let (world, sender, one, two) = stage().await;
    let mut gone = vec![id_of(&sender.id), id_of(&one.subscription), id_of(&two.subscription)];
    gone.extend([&one, &two].map(|phone| reference(phone).into_bytes()));
    assert!(gone.iter().all(|bytes| !places(&world, bytes).is_empty()));

    assert_eq!(world.delete("/v1/senders/self", &sender.credential).await.status, 200);

    are_gone(&world, &gone).await;
    // As text its id stands in the audit log.
    let left = places(&world, sender.id.as_bytes());
    assert!(left.iter().all(|name| name.starts_with("sealpush.db")), "{left:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_device_token_is_gone_from_every_byte() {
    let (world, _, one, two) = stage().await;
    let gone = stored(&world, &one).await[..2].to_vec();
    let body = json!({"device_token": two.token, "environment": "production"});
    let path = format!("/v1/registrations/{}", one.registration);

    let replaced = world.relay.call(http::Method::PUT, &path, Some(&one.credential), Some(&body)).await;

    assert_eq!(replaced.status, 204, "{replaced:?}");
    are_gone(&world, &gone).await;
    world.end().await;
}
