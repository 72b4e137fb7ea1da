//! The outbox has bounds, of one sender and of all: over them a request is refused before its body is read.

use push_simulator::{Effect, FcmFailure, Rule, RuleTarget};
use serde_json::{Value, json};

use super::{to, with};
use crate::support::{Answer, Device, Sender, World, WorldBuilder};

fn bounded(lines: &[&str]) -> WorldBuilder {
    let mut builder = World::builder();
    for line in lines {
        builder = builder.config("limits", *line);
    }
    builder
}

/// FCM takes nothing of this phone's now: what is sent to it waits.
fn refuse(world: &World, phone: &Device) {
    let target = RuleTarget::Device(phone.token.clone());
    let later = Effect::FcmFailure { failure: FcmFailure::Unavailable, retry_after: Some("600".to_owned()) };
    world.simulator.script(Rule::new(target, later));
}

async fn promise(world: &World, sender: &Sender, phones: &[&Device]) -> Answer {
    world.notify(sender, with(to(phones), json!({"wait": false}))).await
}

fn assert_full(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "outbox_full"), "{answer:?}");
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_with_too_much_waiting_is_told_to_come_back_and_no_other_is() {
    let world = bounded(&["targets = 2", "sender_outbox_deliveries = 2"]).leaves_work().start().await;
    let (sender, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let (phone, theirs) = (world.android(&sender, false).await, world.android(&other, false).await);
    refuse(&world, &phone);
    for _ in 0..2 {
        assert_eq!(promise(&world, &sender, &[&phone]).await.status, 202);
    }

    assert_full(&promise(&world, &sender, &[&phone]).await);
    assert_full(&world.notify(&sender, to(&[&phone])).await);

    assert_eq!(promise(&world, &other, &[&theirs]).await.status, 202);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_too_much_is_refused_whole_and_what_fits_is_not() {
    let world = bounded(&["targets = 2", "sender_outbox_deliveries = 2"]).leaves_work().start().await;
    let sender = world.sender("sealed_only").await;
    let (phone, others) = (
        world.android(&sender, false).await,
        [world.iphone(&sender, false).await, world.iphone(&sender, false).await],
    );
    refuse(&world, &phone);
    assert_eq!(promise(&world, &sender, &[&phone]).await.status, 202);

    assert_full(&promise(&world, &sender, &others.each_ref()).await);
    assert!(others.iter().all(|phone| world.inbox(phone).is_empty()));

    assert_eq!(promise(&world, &sender, &[&others[0]]).await.status, 202);
    World::until("it went out", async || !world.inbox(&others[0]).is_empty()).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_is_told_before_the_body_is_read() {
    let world = bounded(&["targets = 1", "outbox_deliveries = 1", "sender_outbox_deliveries = 1"])
        .leaves_work()
        .start()
        .await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let nonsense = json!({"nothing": "that the relay could read"});
    assert_eq!(world.notify(&sender, nonsense.clone()).await.status, 422);
    refuse(&world, &phone);
    assert_eq!(promise(&world, &sender, &[&phone]).await.status, 202);

    assert_full(&world.notify(&sender, nonsense).await);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_has_room_again_when_what_waited_ended() {
    let mut world =
        bounded(&["targets = 1", "outbox_deliveries = 1", "sender_outbox_deliveries = 1"]).start().await;
    let (sender, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let (phone, theirs) = (world.android(&sender, false).await, world.android(&other, false).await);
    refuse(&world, &phone);
    let id = world.notification_id();
    let waits = with(to(&[&phone]), json!({"id": id, "wait": false}));
    assert_eq!(world.notify(&sender, waits).await.status, 202);
    assert_full(&promise(&world, &other, &[&theirs]).await);

    // What waits is counted again at the next start.
    world.stop_relay().await;
    world.start_relay().await;
    assert_full(&promise(&world, &other, &[&theirs]).await);

    world.delete(&format!("/v1/notifications/{id}"), &sender.credential).await;
    World::until("there is room", async || promise(&world, &other, &[&theirs]).await.status == 202).await;
    World::until("nothing waits", async || world.metric("sealpush_outbox_pending").await == 0).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_bounded_too() {
    let world = bounded(&["sender_outbox_bytes = 4096"]).leaves_work().start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    refuse(&world, &phone);
    let mut kept = 0;
    let refused: Value = loop {
        let envelope = phone.seal(&[b'x'; 1_000], &super::identity()).to_base64url();
        let targets = json!([{"subscription": phone.subscription, "envelope": envelope}]);
        let answer = world.notify(&sender, json!({"wait": false, "targets": targets})).await;
        if answer.status != 202 {
            assert_full(&answer);
            break answer.json();
        }
        kept += 1;
        assert!(kept < 10, "the bound is not felt");
    };
    assert!((2..5).contains(&kept), "{kept}");
    assert_eq!(refused["status"], 503);
    world.end().await;
}
