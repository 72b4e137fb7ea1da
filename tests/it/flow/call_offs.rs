//! What waits is withdrawn by its sender or replaced by a newer one, wherever it waits, and is then never sent.

use std::time::Duration;

use http::Method;
use push_simulator::{Effect, FcmFailure};
use serde_json::{Value, json};

use super::{to, with};
use crate::support::{Answer, Device, Sender, World};

async fn withdraw(world: &World, sender: &Sender, id: &str) -> Answer {
    let path = format!("/v1/notifications/{id}");
    world.relay.call(Method::DELETE, &path, Some(&sender.credential), None).await
}

fn later(seconds: u32) -> Effect {
    Effect::FcmFailure { failure: FcmFailure::Unavailable, retry_after: Some(seconds.to_string()) }
}

fn outcome(document: &Value) -> &str {
    document["targets"][0]["outcome"].as_str().unwrap()
}

/// Promises a notification that FCM does not take now: it waits in the outbox.
async fn one_waits(world: &World, sender: &Sender, phone: &Device, members: Value) -> String {
    world.script(phone, Effect::fcm(FcmFailure::Unavailable), 1);
    let id = promise(world, sender, phone, members).await;
    World::until("it was tried", async || !world.attempts(phone).is_empty()).await;
    id
}

async fn promise(world: &World, sender: &Sender, phone: &Device, members: Value) -> String {
    let id = world.notification_id();
    let notification = with(with(to(&[phone]), json!({"id": id, "wait": false})), members);
    assert_eq!(world.notify(sender, notification).await.status, 202);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_the_outbox_is_withdrawn() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let id = one_waits(&world, &sender, &phone, json!({})).await;

    let answer = withdraw(&world, &sender, &id).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    let document = world.decided(&sender, &id).await;
    assert_eq!(outcome(&document), "withdrawn");
    assert_eq!(document["targets"][0]["form"], "omitted");
    assert_eq!(withdraw(&world, &sender, &id).await.json(), document);
    clock.advance(Duration::from_hours(1));
    assert_eq!(world.attempts(&phone).len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_memory_behind_others_is_withdrawn_and_never_begun() {
    let world = World::builder().config("limits", "in_flight = 1").start().await;
    let sender = world.sender("sealed_only").await;
    let (slow, phone) = (world.android(&sender, false).await, world.android(&sender, false).await);
    world.script(&slow, Effect::Delay { millis: 1_000 }, 1);
    let first = promise(&world, &sender, &slow, json!({})).await;
    World::until("the first is under way", async || !world.attempts(&slow).is_empty()).await;
    let second = promise(&world, &sender, &phone, json!({})).await;

    let answer = withdraw(&world, &sender, &second).await;

    assert_eq!(outcome(&answer.json()), "withdrawn");
    assert_eq!(outcome(&world.decided(&sender, &first).await), "accepted");
    let last = promise(&world, &sender, &slow, json!({})).await;
    world.decided(&sender, &last).await;
    assert!(world.attempts(&phone).is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_answer_is_told_that_it_was_withdrawn() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, later(5), 1);
    let id = world.notification_id();
    let notification = with(to(&[&phone]), json!({ "id": id }));

    let (answer, withdrawn) = tokio::join!(world.notify(&sender, notification), async {
        World::until("it was tried", async || !world.attempts(&phone).is_empty()).await;
        withdraw(&world, &sender, &id).await
    });

    assert_eq!((answer.status.as_u16(), outcome(&answer.json())), (200, "withdrawn"));
    assert_eq!(withdrawn.json(), answer.json());
    assert_eq!(world.attempts(&phone).len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_ends_as_it_ends() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::Delay { millis: 500 }, 1);
    let id = promise(&world, &sender, &phone, json!({})).await;
    World::until("it is under way", async || !world.attempts(&phone).is_empty()).await;

    let answer = withdraw(&world, &sender, &id).await;

    assert_eq!(outcome(&answer.json()), "pending");
    assert_eq!(outcome(&world.decided(&sender, &id).await), "accepted");
    world.only_push(&phone);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_or_anothers_cannot_be_withdrawn() {
    let world = World::start().await;
    let (sender, stranger) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let phone = world.android(&sender, false).await;
    let id = promise(&world, &sender, &phone, json!({})).await;
    world.decided(&sender, &id).await;

    for (who, id) in [(&stranger, id.clone()), (&sender, world.notification_id())] {
        let answer = withdraw(&world, who, &id).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "no_such_notification"));
    }
    assert_eq!(outcome(&withdraw(&world, &sender, &id).await.json()), "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_takes_the_place_of_what_waits_in_the_outbox_whether_its_sender_waits_or_not() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    for wait in [true, false] {
        let phone = world.android(&sender, false).await;
        let older = one_waits(&world, &sender, &phone, json!({"collapse_key": "room"})).await;
        let newer = world.notification_id();
        let notification = with(to(&[&phone]), json!({"id": newer, "wait": wait, "collapse_key": "room"}));
        world.notify(&sender, notification).await;

        assert_eq!(outcome(&world.decided(&sender, &older).await), "replaced", "wait: {wait}");
        World::until("the newer one went out", async || {
            clock.advance(Duration::from_secs(30));
            world.metric("sealpush_outbox_pending").await == 0
        })
        .await;
        assert_eq!(outcome(&world.decided(&sender, &newer).await), "accepted", "wait: {wait}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_takes_the_place_of_what_lies_in_memory_behind_others() {
    let world = World::builder().config("limits", "in_flight = 1").start().await;
    let sender = world.sender("sealed_only").await;
    let (slow, phone) = (world.android(&sender, false).await, world.android(&sender, false).await);
    world.script(&slow, Effect::Delay { millis: 800 }, 1);
    promise(&world, &sender, &slow, json!({})).await;
    World::until("the first is under way", async || !world.attempts(&slow).is_empty()).await;
    let older = promise(&world, &sender, &phone, json!({"collapse_key": "room"})).await;

    let newer = promise(&world, &sender, &phone, json!({"collapse_key": "room"})).await;

    assert_eq!(outcome(&world.decided(&sender, &older).await), "replaced");
    assert_eq!(outcome(&world.decided(&sender, &newer).await), "accepted");
    world.only_push(&phone);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_takes_the_place_of_one_whose_sender_waits() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, later(3), 1);
    let notification = with(to(&[&phone]), json!({"collapse_key": "room"}));

    let (older, newer) = tokio::join!(world.notify(&sender, notification.clone()), async {
        World::until("the older was tried", async || !world.attempts(&phone).is_empty()).await;
        world.notify(&sender, notification.clone()).await
    });

    assert_eq!((older.status.as_u16(), outcome(&older.json())), (200, "replaced"));
    assert_eq!(outcome(&newer.json()), "accepted");
    world.only_push(&phone);
    world.end().await;
}
