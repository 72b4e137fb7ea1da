//! Each form, on each push service.

use sealpush::base::{EntropyRng, OsEntropy};
use sealpush_seal::{IdentityKey, Provenance};
use serde_json::{Value, json};

use crate::support::{Device, World};

const CONTENT: &str = r#"{"title":"Ada","body":"Lunch at 12?"}"#;

fn identity() -> IdentityKey {
    IdentityKey::generate(&mut EntropyRng(&OsEntropy))
}

/// The one push that the device got.
fn only_push(world: &World, device: &Device) -> Value {
    let inbox = world.inbox(device);
    assert_eq!(inbox.len(), 1, "{inbox:?}");
    inbox[0].body.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_reaches_an_iphone_and_opens_there_alone() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (phone, identity) = (world.iphone(&sender, false).await, identity());
    let envelope = phone.seal(CONTENT.as_bytes(), &identity).to_base64url();

    let answer = world
        .notify(&sender, json!({"targets": [{"subscription": phone.subscription, "envelope": envelope}]}))
        .await;

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["targets"][0]["outcome"], "accepted", "{answer:?}");
    assert_eq!(answer.json()["targets"][0]["form"], "sealed_by_sender");
    let push = only_push(&world, &phone);
    assert_eq!(push["aps"], json!({"alert": "New notification", "mutable-content": 1}));
    let opened = phone.open(push["seal"].as_str().unwrap(), Some(&identity)).unwrap();
    assert_eq!(
        (opened.content.as_slice(), opened.provenance),
        (CONTENT.as_bytes(), Provenance::SignedBySender)
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_sealed_by_the_relay_where_the_app_gave_it_a_key() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.android(&sender, true).await;

    let notification = json!({"targets": [{"subscription": phone.subscription}],
                              "content": serde_json::from_str::<Value>(CONTENT).unwrap()});
    let answer = world.notify(&sender, notification).await;

    assert_eq!(answer.json()["targets"][0]["form"], "sealed_by_relay", "{answer:?}");
    let push = only_push(&world, &phone);
    let opened = phone.open(push["data"]["seal"].as_str().unwrap(), None).unwrap();
    assert_eq!(
        (opened.content.as_slice(), opened.provenance),
        (CONTENT.as_bytes(), Provenance::SealedByRelay)
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_omitted_where_there_is_no_key() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.android(&sender, false).await;

    let notification = json!({"targets": [{"subscription": phone.subscription, "reference": "r-1"}],
                              "content": serde_json::from_str::<Value>(CONTENT).unwrap()});
    let answer = world.notify(&sender, notification).await;

    assert_eq!(answer.json()["targets"][0]["form"], "omitted", "{answer:?}");
    let data = only_push(&world, &phone)["data"].clone();
    assert_eq!((&data["form"], &data["reference"]), (&json!("omitted"), &json!("r-1")));
    assert_eq!(data["placeholder"], "New notification");
    world.end().await;
}
