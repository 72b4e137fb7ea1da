//! Attempts that do not end at once: lost answers, patience, goodbyes, and time that runs out.

use std::time::Duration;

use futures_util::future::join_all;
use push_simulator::{Effect, FcmFailure};
use serde_json::json;

use super::{to, with};
use crate::support::{Device, World};

/// FCM is busy and names the wait.
fn busy_for(seconds: u32) -> Effect {
    Effect::FcmFailure { failure: FcmFailure::Unavailable, retry_after: Some(seconds.to_string()) }
}

/// The count of deliveries that were attempted again because an answer was lost.
async fn repeated(world: &World, push_service: &str) -> u64 {
    world.metric(&format!("sealpush_repeated_total{{push_service=\"{push_service}\"}}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_whose_answer_was_lost_is_repeated_once_under_the_same_id_and_counted() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    world.warm_up(&sender).await;
    let phone = world.iphone(&sender, false).await;
    world.script(&phone, Effect::BreakAfter, 1);

    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");

    let attempts = world.attempts(&phone);
    assert_eq!(attempts.iter().map(|one| one.answer_lost).collect::<Vec<_>>(), [true, false]);
    assert_eq!(attempts[0].header("apns-id"), attempts[1].header("apns-id"));
    assert_eq!(attempts[0].body, attempts[1].body);
    assert_eq!((repeated(&world, "apns").await, repeated(&world, "fcm").await), (1, 0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_its_first_answer_costs_its_sender_a_moment() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::BreakAfter, 1);

    // The host is left alone for up to a second, which fits into the time that the sender waits.
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");

    assert_eq!((world.attempts(&phone).len(), repeated(&world, "fcm").await), (2, 1));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_lost_answer_ends_the_delivery_with_what_is_known() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::answer(202, "{}"), 2);

    let target = world.outcome(&sender, to(&[&phone])).await;

    assert_eq!((&target["outcome"], &target["reason"]), (&json!("rejected"), &json!("answer_unknown")));
    assert_eq!((world.attempts(&phone).len(), repeated(&world, "fcm").await), (2, 1));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_ttl_0_a_delivery_is_tried_once_whatever_comes_of_it() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for (effect, outcome) in [(busy_for(1), "expired"), (Effect::BreakAfter, "rejected")] {
        world.warm_up(&sender).await;
        let phone = world.android(&sender, false).await;
        world.script(&phone, effect, 1);
        let target = world.outcome(&sender, with(to(&[&phone]), json!({"ttl": 0}))).await;
        assert_eq!((&target["outcome"], world.attempts(&phone).len()), (&json!(outcome), 1));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_reached_a_push_service_is_sent_again_at_once_and_arrives_once() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for effect in [
        Effect::RefuseStream,
        Effect::GoAway { reason: None, answered: false },
        Effect::GoAway { reason: Some("Shutdown".to_owned()), answered: true },
    ] {
        for device in [world.iphone(&sender, false).await, world.android(&sender, false).await] {
            world.warm_up(&sender).await;
            world.script(&device, effect.clone(), 1);
            let target = world.outcome(&sender, with(to(&[&device]), json!({"ttl": 0}))).await;
            assert_eq!(target["outcome"], "accepted", "{effect:?}: {target}");
            world.only_push(&device);
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goodbyes_under_load_lose_nothing_and_double_nothing() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let mut phones = Vec::new();
    for index in 0..60 {
        phones.push(match index % 2 {
            0 => world.iphone(&sender, false).await,
            _ => world.android(&sender, false).await,
        });
    }
    let one = async |(index, phone): (usize, &Device)| {
        for round in 0..5 {
            if index == 10 * round {
                world.simulator.goaway_all();
            }
            assert_eq!(world.outcome(&sender, to(&[phone])).await["outcome"], "accepted");
        }
    };
    join_all(phones.iter().enumerate().map(one)).await;

    assert!(phones.iter().all(|phone| world.inbox(phone).len() == 5));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attempt_is_made_before_the_push_service_wants_one() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let (sooner, later) = (world.android(&sender, false).await, world.android(&sender, false).await);
    world.script(&sooner, busy_for(500), 1);
    world.script(&later, busy_for(1000), 1);
    let notification = with(to(&[&sooner, &later]), json!({"id": world.notification_id()}));

    // Neither can be decided while the sender waits, so it is told at once.
    let answer = world.notify(&sender, notification.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.text.matches("pending").count()), (202, 2), "{answer:?}");
    // The push service's wait, and the jitter of up to 20 seconds.
    clock.advance(Duration::from_secs(521));
    World::until("the sooner one is sent", async || !world.inbox(&sooner).is_empty()).await;
    assert_eq!(world.attempts(&later).len(), 1, "the later one is not due");
    clock.advance(Duration::from_secs(500));

    let document = world.decided(&sender, notification["id"].as_str().unwrap()).await;
    assert_eq!(document.to_string().matches("accepted").count(), 2);
    assert_eq!((world.inbox(&sooner).len(), world.inbox(&later).len()), (1, 1));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_longer_than_the_time_to_live_ends_the_delivery_as_expired() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, busy_for(120), 1);

    let target = world.outcome(&sender, with(to(&[&phone]), json!({"ttl": 60}))).await;

    assert_eq!((&target["outcome"], world.inbox(&phone).len()), (&json!("expired"), 0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_past_its_time_to_live_expires_and_is_not_sent() {
    let (mut world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, busy_for(100), 1);
    let id = world.notification_id();
    let answer = world.notify(&sender, with(to(&[&phone]), json!({"id": id, "ttl": 200}))).await;
    assert_eq!(answer.status, 202, "{answer:?}");

    world.stop_relay().await;
    clock.advance(Duration::from_secs(201));
    world.start_relay().await;

    assert_eq!(world.decided(&sender, &id).await["targets"][0]["outcome"], "expired");
    assert_eq!(world.attempts(&phone).len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_whose_credential_is_refused_waits_and_goes_on_by_itself() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::fcm(FcmFailure::PermissionDenied), 1);
    let id = world.notification_id();
    let notification = with(to(&[&phone]), json!({"id": id, "wait": false}));
    assert_eq!(world.notify(&sender, notification).await.status, 202);
    World::until("the app is held", async || world.operator.get("/readyz", None).await.status == 503).await;

    // The longest first wait of an app that is held.
    clock.advance(Duration::from_secs(30));

    assert_eq!(world.decided(&sender, &id).await["targets"][0]["outcome"], "accepted");
    assert_eq!(world.operator.get("/readyz", None).await.status, 200);
    world.only_push(&phone);
    world.end().await;
}
