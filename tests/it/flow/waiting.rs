//! `wait`: what is answered when, and what stands in the database by then.

use futures_util::future::join_all;
use push_simulator::{Effect, Rule, RuleTarget};
use serde_json::{Value, json};

use super::{identity, to, with};
use crate::support::{Device, World};

/// Whether the database's files hold these bytes.
fn stored(world: &World, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.to_string_lossy().contains("sealpush.db"));
    files
        .map(|path| std::fs::read(path).unwrap())
        .any(|file| file.windows(bytes.len()).any(|part| part == bytes))
}

/// A notification with an envelope, its id's bytes and the envelope's.
fn enveloped(world: &World, device: &Device, wait: bool) -> (Value, Vec<u8>, Vec<u8>) {
    let (id, envelope) = (world.notification_id(), device.seal(b"{}", &identity()));
    let targets = json!([{"subscription": device.subscription, "envelope": envelope.to_base64url()}]);
    let raw_id = uuid::Uuid::parse_str(&id).unwrap().as_bytes().to_vec();
    let raw_envelope = sealpush_seal::base64url::decode(&envelope.to_base64url()).unwrap();
    (json!({"id": id, "wait": wait, "targets": targets}), raw_id, raw_envelope)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_before_the_first_attempt_and_no_envelope_ever() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    world.script(&phone, Effect::Delay { millis: 500 }, 1);
    let (notification, id, envelope) = enveloped(&world, &phone, true);

    let (answer, ()) = tokio::join!(world.notify(&sender, notification), async {
        World::until("the push is under way", async || !world.attempts(&phone).is_empty()).await;
        assert!(!stored(&world, &id) && !stored(&world, &envelope[..64]));
        let pending = world.metric("sealpush_outbox_pending").await;
        assert!(pending == 0, "{pending} deliveries stand in the outbox");
    });

    assert_eq!(answer.status, 200, "{answer:?}");
    World::until("the outcome is kept", async || stored(&world, &id)).await;
    assert!(!stored(&world, &envelope[..64]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_waiting_the_answer_comes_when_the_notification_is_durable() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    world.script(&phone, Effect::Delay { millis: 500 }, 1);
    let (notification, id, envelope) = enveloped(&world, &phone, false);

    let answer = world.notify(&sender, notification.clone()).await;

    assert_eq!(answer.status, 202, "{answer:?}");
    let target = &answer.json()["targets"][0];
    assert_eq!((&target["outcome"], &target["form"]), (&json!("pending"), &json!("sealed_by_sender")));
    assert!(stored(&world, &id) && stored(&world, &envelope[..64]));
    let document = world.decided(&sender, notification["id"].as_str().unwrap()).await;
    assert_eq!(document["targets"][0]["outcome"], "accepted");
    world.only_push(&phone);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undecided_when_the_wait_ends_becomes_durable_and_ends_once() {
    let world = World::builder().config("limits", "wait_seconds = 1").start().await;
    let sender = world.sender("sealed_only").await;
    let (slow, quick) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    world.script(&slow, Effect::Delay { millis: 1_800 }, 1);
    let id = world.notification_id();

    let answer = world.notify(&sender, with(to(&[&slow, &quick]), json!({ "id": id }))).await;

    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.text.matches("accepted").count(), 1, "{answer:?}");
    assert_eq!(answer.text.matches("pending").count(), 1, "{answer:?}");
    let document = world.decided(&sender, &id).await;
    assert_eq!(document["targets"].as_array().unwrap().len(), 2, "{document}");
    assert_eq!(document.to_string().matches("accepted").count(), 2, "{document}");
    assert_eq!((world.attempts(&slow).len(), world.inbox(&slow).len()), (1, 1));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_while_it_is_promised_is_told_so() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::fcm(push_simulator::FcmFailure::Unavailable), 1);
    let id = world.notification_id();
    let notification = with(to(&[&phone]), json!({"id": id, "wait": false, "ttl": 5}));

    assert_eq!(world.notify(&sender, notification).await.status, 202);

    assert_eq!(world.decided(&sender, &id).await["targets"][0]["outcome"], "expired");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_under_load_are_each_kept_once() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let mut phones = Vec::new();
    for _ in 0..10 {
        phones.push(world.android(&sender, false).await);
    }
    // Longer than the outbox is left unread, so that whoever reads it finds these under way.
    let slow = Effect::Delay { millis: 1_200 };
    world.simulator.script(Rule::new(RuleTarget::Fcm, slow));
    let all: Vec<&Device> = phones.iter().collect();
    let ids: Vec<String> = (0..20).map(|_| world.notification_id()).collect();

    let promised = join_all(
        ids.iter().map(|id| world.notify(&sender, with(to(&all), json!({"id": id, "wait": false})))),
    )
    .await;

    assert!(promised.iter().all(|answer| answer.status == 202));
    for id in &ids {
        assert_eq!(world.decided(&sender, id).await.to_string().matches("accepted").count(), 10);
    }
    assert!(phones.iter().all(|phone| world.attempts(phone).len() == 20));
    world.end().await;
}
