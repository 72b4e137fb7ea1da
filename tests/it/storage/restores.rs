//! What an old backup does not bring back: what was revoked, used, replaced or made stricter since.

use http::Method;
use serde_json::{Value, json};

use super::copies::{backup, database, restored};
use crate::support::sealed::{hand_on, plaintext, published, seal};
use crate::support::{Answer, Sender, World};

async fn world() -> World {
    World::builder().own_process().start().await
}

/// Loses the database with its write-ahead log.
async fn lose_the_database(world: &mut World) {
    world.stop_relay().await;
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", database(world).display()));
    }
}

async fn own(world: &World, credential: &str) -> Answer {
    world.relay.get("/v1/senders/self", Some(credential)).await
}

async fn join(world: &World, code: &str) -> Answer {
    world.relay.post("/v1/senders", None, &json!({"name": "A", "invite": code})).await
}

async fn invite(world: &World) -> String {
    let made = world.admin.post("/admin/invites", None, &json!({})).await.json();
    made["invites"][0]["code"].as_str().unwrap().to_owned()
}

async fn operator_token(world: &World) -> (String, String) {
    let made = world.admin.post("/admin/tokens", None, &json!({"role": "owner"})).await.json();
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    (format!("/admin/tokens/{}", text("id")), text("token"))
}

async fn outcome(world: &World, sender: &Sender, subscription: &str) -> Value {
    world.outcome(sender, json!({"targets": [{"subscription": subscription}]})).await["outcome"].clone()
}

#[tokio::test]
async fn a_sender_stays_as_strict_and_as_suspended_as_it_was() {
    let mut world = world().await;
    let (strict, stopped) = (world.sender("seal_or_omit").await, world.sender("sealed_only").await);
    let from = backup(&world, "backup.db").await;
    let change = json!({"content_policy": "sealed_only", "name": "B"});
    world.relay.call(Method::PATCH, "/v1/senders/self", Some(&strict.credential), Some(&change)).await;
    world.admin.post(&format!("/admin/senders/{}/suspend", stopped.id), None, &json!({})).await;

    assert!(restored(&mut world, &from).await.unwrap().complete);

    let own = own(&world, &strict.credential).await.json();
    assert_eq!((&own["content_policy"], &own["name"]), (&json!("sealed_only"), &json!("B")));
    let targets = json!([{"subscription": World::subscription_id()}]);
    assert_eq!(world.notify(&stopped, json!({"targets": targets})).await.code(), "sender_suspended");
    world.end().await;
}

#[tokio::test]
async fn an_invite_that_was_used_since_lets_nobody_in_again() {
    let mut world = world().await;
    let (used, unused) = (invite(&world).await, invite(&world).await);
    let from = backup(&world, "backup.db").await;
    assert_eq!(join(&world, &used).await.status, 201);

    assert!(restored(&mut world, &from).await.unwrap().complete);

    assert_eq!(join(&world, &used).await.code(), "invite_invalid");
    assert_eq!(join(&world, &unused).await.status, 201);
    world.end().await;
}

#[tokio::test]
async fn what_was_revoked_since_stays_revoked() {
    let mut world = world().await;
    let sender = world.sender("sealed_only").await;
    let more = json!({"scopes": ["notify", "admin"]});
    let made = world.relay.post("/v1/senders/self/credentials", Some(&sender.credential), &more).await.json();
    let (revoked, (path, token)) = (made["credential"].as_str().unwrap(), operator_token(&world).await);
    let from = backup(&world, "backup.db").await;
    let credential = format!("/v1/senders/self/credentials/{}", made["id"].as_str().unwrap());
    assert_eq!(world.delete(&credential, &sender.credential).await.status, 204);
    assert_eq!(world.admin.call(Method::DELETE, &path, None, None).await.status, 204);

    assert!(restored(&mut world, &from).await.unwrap().complete);

    assert_eq!(own(&world, revoked).await.code(), "credential_invalid");
    assert_eq!(world.operator.get("/admin/senders", Some(&token)).await.code(), "credential_invalid");
    assert_eq!(own(&world, &sender.credential).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn a_key_that_the_app_took_back_and_a_token_that_it_replaced_stay_so() {
    let mut world = world().await;
    let sender = world.sender("seal_or_omit").await;
    let (phone, newer) = (world.android(&sender, true).await, world.android(&sender, false).await);
    let from = backup(&world, "backup.db").await;
    let subscription = format!("/v1/subscriptions/{}", phone.subscription);
    let put = async |path: &str, body: Value| {
        let answer = world.relay.call(Method::PUT, path, Some(&phone.credential), Some(&body)).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    };
    put(&subscription, json!({})).await;
    put(&format!("/v1/registrations/{}", phone.registration), json!({"device_token": newer.token})).await;

    assert!(restored(&mut world, &from).await.unwrap().complete);

    let content = json!({"title": "a", "body": "b"});
    let notification = json!({"targets": [{"subscription": phone.subscription}], "content": content});
    assert_eq!(world.outcome(&sender, notification).await["form"], "omitted");
    assert_eq!((world.inbox(&phone).len(), world.inbox(&newer).len()), (0, 1));
    world.end().await;
}

#[tokio::test]
async fn a_sealed_registration_that_was_removed_since_is_not_registered_by_its_bytes() {
    let mut world = world().await;
    let (sender, key) = (world.sender("sealed_only").await, published(&world).await);
    let (removed, alive) = (plaintext(&world), plaintext(&world));
    let (removed_bytes, alive_bytes) = (seal(&removed, &sender, &key), seal(&alive, &sender, &key));
    let from = backup(&world, "backup.db").await;
    for sealed in [&removed_bytes, &alive_bytes] {
        assert_eq!(hand_on(&world, &sender, sealed).await.status, 201);
    }
    world.delete(&format!("/v1/subscriptions/{}", removed.subscription), &sender.credential).await;

    assert!(restored(&mut world, &from).await.unwrap().complete);

    assert_eq!(hand_on(&world, &sender, &removed_bytes).await.status, 200);
    assert_eq!(outcome(&world, &sender, &removed.subscription.to_string()).await, "gone");
    // What was made since is not in the backup: its app's server may hand the same on again.
    assert_eq!(hand_on(&world, &sender, &alive_bytes).await.status, 201);
    assert_eq!(outcome(&world, &sender, &alive.subscription.to_string()).await, "accepted");
    world.end().await;
}

#[tokio::test]
async fn a_token_that_got_a_code_since_gets_no_second_one_within_the_hour() {
    let mut world = World::builder().own_process().app("confirm = \"required\"").start().await;
    world.sender("sealed_only").await;
    let registration = crate::support::fcm(&world.simulator.fcm_device(crate::support::PROJECT));
    let from = backup(&world, "backup.db").await;
    let register = async |world: &World| world.relay.post("/v1/registrations", None, &registration).await;
    assert_eq!(register(&world).await.status, 201);
    let token = registration["device_token"].as_str().unwrap();
    world.code(token, 0).await;

    assert!(restored(&mut world, &from).await.unwrap().complete);

    assert_eq!(register(&world).await.json()["state"], "pending");
    world.stop_relay().await;
    assert_eq!(world.simulator.inbox(token).len(), 1);
    world.end().await;
}

#[tokio::test]
async fn the_audit_log_is_whole_after_a_restore() {
    let mut world = world().await;
    world.sender("sealed_only").await;
    let from = backup(&world, "backup.db").await;
    let since = world.sender("sealed_only").await;

    assert!(restored(&mut world, &from).await.unwrap().complete);

    let acts = world.acts().await;
    let actions = acts.iter().map(|entry| entry["action"].as_str().unwrap());
    assert_eq!(actions.collect::<Vec<_>>(), ["sender.add", "sender.add", "storage.restore"]);
    assert_eq!(acts[1]["subject"], since.id);
    assert_eq!(world.admin.get("/admin/audit/verify", None).await.json()["intact"], true);
    world.end().await;
}

#[tokio::test]
async fn where_the_database_is_lost_invites_and_operator_tokens_are_taken_back() {
    let mut world = world().await;
    let sender = world.sender("sealed_only").await;
    let (code, (_, token)) = (invite(&world).await, operator_token(&world).await);
    let from = backup(&world, "backup.db").await;
    lose_the_database(&mut world).await;

    let restored = restored(&mut world, &from).await.unwrap();

    assert_eq!((restored.complete, restored.taken_back), (false, 2));
    assert_eq!(join(&world, &code).await.code(), "invite_invalid");
    assert_eq!(world.operator.get("/admin/senders", Some(&token)).await.code(), "credential_invalid");
    assert_eq!(own(&world, &sender.credential).await.status, 200);
    world.end().await;
}

async fn share(world: &World, sender: &Sender, request: Value) {
    let path = "/v1/senders/self/sharing";
    let answer = world.relay.call(Method::PUT, path, Some(&sender.credential), Some(&request)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// What a sender shares now, and the address that is stored of it.
async fn shared(world: &World, sender: &Sender) -> (Vec<Value>, Value) {
    let bearer = Some(sender.credential.as_str());
    let sharing = world.relay.get("/v1/senders/self/sharing", bearer).await.json();
    let usage = world.relay.get("/v1/senders/self/usage", bearer).await.json();
    let states = sharing["categories"].as_array().unwrap().iter().map(|one| one["state"].clone());
    (states.collect(), usage["contact"].clone())
}

#[tokio::test]
async fn consent_that_was_withdrawn_since_does_not_come_back_and_what_was_given_since_stays() {
    let mut world = world().await;
    let sender = world.sender("sealed_only").await;
    let contact = json!({"wording": 1, "address": "security@example.org"});
    share(&world, &sender, json!({"contact": contact, "volume": {"wording": 1}})).await;
    let from = backup(&world, "backup.db").await;
    share(&world, &sender, json!({"volume": {"wording": 1}, "devices": {"wording": 1}})).await;

    assert!(restored(&mut world, &from).await.unwrap().complete);

    assert_eq!(
        shared(&world, &sender).await,
        (vec!["on".into(), "on".into(), "off".into(), "off".into()], Value::Null)
    );
    world.end().await;
}

#[tokio::test]
async fn where_the_database_is_lost_nobody_shares_anything_until_agreed_anew() {
    let mut world = world().await;
    let sender = world.sender("sealed_only").await;
    share(&world, &sender, json!({"contact": {"wording": 1, "address": "security@example.org"}})).await;
    let from = backup(&world, "backup.db").await;
    lose_the_database(&mut world).await;

    assert!(!restored(&mut world, &from).await.unwrap().complete);

    assert_eq!(shared(&world, &sender).await, (vec!["off".into(); 4], Value::Null));
    world.end().await;
}
