//! What a sender and an app may ask of what is held about them: to read it, and to have it erased.

use http::Method;
use serde_json::{Value, json};

use super::{to, with};
use crate::support::{Answer, Device, Sender, World};

const EXPORT: &str = "/v1/senders/self/export";

fn tables(rows: &[Value]) -> Vec<&str> {
    let mut tables: Vec<_> = rows.iter().map(|row| row["table"].as_str().unwrap()).collect();
    tables.dedup();
    tables
}

fn counts(receipt: &Answer, table: &str) -> u64 {
    receipt.json()["rows"][table].as_u64().unwrap_or(0)
}

/// A notification that waits in the outbox.
async fn waits(world: &World, sender: &Sender, phone: &Device) -> String {
    world.script(phone, push_simulator::Effect::apns(503, "ServiceUnavailable"), 1_000);
    let id = world.notification_id();
    let notification = with(to(&[phone]), json!({"id": id, "wait": false}));
    assert_eq!(world.notify(sender, notification).await.status, 202);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_exports_what_is_held_about_it() {
    let world = World::builder().leaves_work().start().await;
    let sender = world.sender("sealed_only").await;
    let (phone, other) = (world.iphone(&sender, true).await, world.android(&sender, false).await);
    assert_eq!(world.outcome(&sender, to(&[&other])).await["outcome"], "accepted");
    waits(&world, &sender, &phone).await;
    world.delete(&format!("/v1/registrations/{}", other.registration), &other.credential).await;

    // How it ended is written after the answer.
    World::until("the outcome is written", || async {
        json!(world.export(EXPORT, &sender.credential).await).to_string().contains("\"outcome\":\"accepted\"")
    })
    .await;
    let rows = world.export(EXPORT, &sender.credential).await;

    let all =
        ["senders", "credentials", "subscriptions", "feedback", "notifications", "deliveries", "audit_log"];
    assert_eq!(tables(&rows), all);
    let of = |table: &str| rows.iter().find(|row| row["table"] == table).unwrap()["values"].clone();
    assert_eq!((&of("senders")["id"], &of("senders")["name"]), (&json!(sender.id), &json!("A server")));
    assert_eq!(of("credentials")["scopes"], json!(["notify", "register", "admin"]));
    assert_eq!(of("subscriptions")["id"], json!(phone.subscription));
    let accepted = |row: &&Value| row["values"]["outcomes"][0]["outcome"] == "accepted";
    assert_eq!(rows.iter().filter(accepted).count(), 1, "{rows:?}");
    assert_eq!(of("audit_log")["action"], "sender.add");
    // Nothing by which two senders could tell that they reach the same device, and no secret.
    let text = json!(rows).to_string();
    for hidden in [&phone.registration, &phone.token, &sender.credential, &phone.credential] {
        assert!(!text.contains(hidden.as_str()), "{hidden} in {text}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_and_not_shown_is_named_with_why() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let page = world.relay.get(EXPORT, Some(&sender.credential)).await.json();
    let not_shown = page["not_shown"].as_array().unwrap();
    let hash = not_shown.iter().find(|one| one["table"] == "credentials").unwrap();
    assert_eq!(hash["column"], "secret_hash");
    assert!(hash["why"].as_str().unwrap().contains("hash"));
    let phone = world.android(&sender, false).await;
    let path = format!("/v1/registrations/{}/export", phone.registration);
    let page = world.relay.get(&path, Some(&phone.credential)).await.json();
    let columns = page["not_shown"].as_array().unwrap().iter().map(|one| one["column"].as_str().unwrap());
    assert!(columns.collect::<Vec<_>>().contains(&"device_token"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_exports_what_is_held_on_its_registration() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, true).await;
    let path = format!("/v1/registrations/{}/export", phone.registration);

    let rows = world.export(&path, &phone.credential).await;

    assert_eq!(tables(&rows), ["registrations", "subscriptions"]);
    assert_eq!(rows[0]["values"]["id"], json!(phone.registration));
    assert_eq!(rows[1]["values"]["sender"], json!(sender.id));
    assert!(!json!(rows).to_string().contains(&phone.token));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_for_whom_it_is_about_alone() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let scopes = json!({"scopes": ["notify", "register"]});
    let made =
        world.relay.post("/v1/senders/self/credentials", Some(&sender.credential), &scopes).await.json();
    let weak = made["credential"].as_str().unwrap();
    let path = format!("/v1/registrations/{}/export", phone.registration);
    for (path, bearer, status, code) in [
        (EXPORT, weak, 403, "scope_missing"),
        (EXPORT, phone.credential.as_str(), 401, "credential_malformed"),
        (&path, sender.credential.as_str(), 401, "credential_malformed"),
        ("/v1/senders/self/export?after=!", &sender.credential, 400, "invalid_query"),
        ("/v1/senders/self/export?page=1", &sender.credential, 400, "invalid_query"),
    ] {
        let answer = world.relay.get(path, Some(bearer)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path} {answer:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_sender_still_reads_and_erases_what_is_held() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    world.admin.post(&format!("/admin/senders/{}/suspend", sender.id), None, &json!({})).await;

    let rows = world.export(EXPORT, &sender.credential).await;
    assert_eq!(rows[0]["values"]["state"], "suspended");
    assert_eq!(world.delete("/v1/senders/self", &sender.credential).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_sender_gets_a_receipt_whose_entry_is_in_the_audit_log() {
    let world = World::builder().leaves_work().start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    waits(&world, &sender, &phone).await;

    let receipt = world.delete("/v1/senders/self", &sender.credential).await;

    assert_eq!(receipt.status, 200, "{receipt:?}");
    let document = receipt.json();
    assert_eq!((&document["erased"], &document["id"]), (&json!("sender"), &json!(sender.id)));
    for (table, count) in [("senders", 1), ("credentials", 1), ("subscriptions", 1), ("deliveries", 1)] {
        assert_eq!(counts(&receipt, table), count, "{table} in {receipt:?}");
    }
    let last = world.acts().await.pop().unwrap();
    assert_eq!((&last["action"], &last["hash"]), (&json!("sender.erase"), &document["audit_entry"]));
    assert_eq!(world.delete("/v1/senders/self", &sender.credential).await.status, 401);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_registration_and_subscription_get_receipts() {
    let world = World::builder().leaves_work().start().await;
    let sender = world.sender("sealed_only").await;
    let (one, two) = (world.iphone(&sender, false).await, world.iphone(&sender, false).await);
    let (first, second) = (waits(&world, &sender, &one).await, waits(&world, &sender, &two).await);

    let subscription = format!("/v1/subscriptions/{}", one.subscription);
    let receipt = world.delete(&subscription, &sender.credential).await;
    assert_eq!((counts(&receipt, "subscriptions"), counts(&receipt, "deliveries")), (1, 1), "{receipt:?}");
    assert_eq!(receipt.json()["erased"], "subscription");
    assert_eq!(receipt.json()["audit_entry"], Value::Null);
    let registration = format!("/v1/registrations/{}", two.registration);
    let receipt = world.delete(&registration, &two.credential).await;
    assert_eq!((counts(&receipt, "registrations"), counts(&receipt, "subscriptions")), (1, 1), "{receipt:?}");

    for id in [first, second] {
        let target = world.decided(&sender, &id).await["targets"][0].clone();
        assert_eq!((&target["outcome"], &target["reason"]), (&json!("gone"), &json!("subscription_ended")));
    }
    let rest = world.export(&format!("/v1/registrations/{}/export", one.registration), &one.credential).await;
    assert_eq!(tables(&rest), ["registrations"]);
    world.end().await;
}

/// What lies in memory ends with it: a push that is held back by its push service goes to nobody afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_reaches_what_waits_for_its_attempt_and_every_cache() {
    let world = World::builder().leaves_work().start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let id = waits(&world, &sender, &phone).await;
    // The credential and the way are in caches now.
    assert_eq!(world.relay.get("/v1/senders/self", Some(&sender.credential)).await.status, 200);

    let erased = world.admin.call(Method::DELETE, &format!("/admin/senders/{}", sender.id), None, None).await;

    assert_eq!((erased.status.as_u16(), counts(&erased, "deliveries")), (200, 1), "{erased:?}");
    world.simulator.clear_script();
    let path = format!("/v1/notifications/{id}");
    for path in [path.as_str(), EXPORT, "/v1/feedback"] {
        assert_eq!(world.relay.get(path, Some(&sender.credential)).await.status, 401, "{path}");
    }
    assert_eq!(world.notify(&sender, to(&[&phone])).await.status, 401);
    assert_eq!(world.metric("sealpush_outbox_pending").await, 0);
    assert_eq!(world.inbox(&phone).len(), 0);
    world.end().await;
}
