//! A sender asks which of its subscriptions ended.

use std::time::Instant;

use push_simulator::Effect;
use serde_json::{Value, json};

use super::to;
use crate::support::{Answer, Device, Sender, World};

async fn ask(world: &World, sender: &Sender, query: &str) -> Answer {
    world.relay.get(&format!("/v1/feedback{query}"), Some(&sender.credential)).await
}

async fn remove(world: &World, device: &Device, sender: &Sender) {
    let path = format!("/v1/subscriptions/{}", device.subscription);
    assert_eq!(world.delete(&path, &sender.credential).await.status, 200);
}

fn cursor(document: &Value) -> &str {
    document["cursor"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_is_told_to_its_sender() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    assert_eq!(ask(&world, &sender, "").await.json(), json!({"subscriptions": [], "cursor": null}));
    world.script(&phone, Effect::fcm(push_simulator::FcmFailure::Unregistered), 1);
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "gone");

    let document = ask(&world, &sender, "?wait=10").await.json();

    let told = &document["subscriptions"][0];
    assert_eq!((&told["subscription"], &told["ended"]), (&json!(phone.subscription), &json!("unregistered")));
    assert_eq!(told["day"].as_str().unwrap().len(), 10);
    let next = ask(&world, &sender, &format!("?after={}", cursor(&document))).await.json();
    assert_eq!(next, json!({"subscriptions": [], "cursor": document["cursor"]}));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_at_once() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;

    let started = Instant::now();
    let (answer, ()) = tokio::join!(ask(&world, &sender, "?wait=60"), remove(&world, &phone, &sender));

    assert_eq!(answer.json()["subscriptions"][0]["ended"], "removed");
    assert!(started.elapsed().as_secs() < 30);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_between_two_questions_is_in_the_next_answer() {
    let world = World::builder().config("outcomes", "keep_hours = 0").start().await;
    let sender = world.sender("sealed_only").await;
    let (mut after, mut told) = (String::new(), Vec::new());
    let mut expected = Vec::new();
    for _ in 0..5 {
        let phones = [world.android(&sender, false).await, world.iphone(&sender, false).await];
        for phone in &phones {
            remove(&world, phone, &sender).await;
            expected.push(phone.subscription.clone());
        }
        let document = ask(&world, &sender, &after).await.json();
        for one in document["subscriptions"].as_array().unwrap() {
            told.push(one["subscription"].as_str().unwrap().to_owned());
        }
        after = format!("?after={}", cursor(&document));
    }
    assert_eq!(told, expected);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_holds_over_a_restart_and_after_it_was_acknowledged() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phones = [world.android(&sender, false).await, world.android(&sender, false).await];
    remove(&world, &phones[0], &sender).await;
    let first = ask(&world, &sender, "").await.json();

    world.stop_relay().await;
    world.start_relay().await;
    remove(&world, &phones[1], &sender).await;

    // The second time as after an answer that was lost.
    for _ in 0..2 {
        let next = ask(&world, &sender, &format!("?after={}", cursor(&first))).await.json();
        assert_eq!(next["subscriptions"].as_array().unwrap().len(), 1);
        assert_eq!(next["subscriptions"][0]["subscription"], phones[1].subscription);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_answered_at_once_when_the_relay_stops() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (relay, credential) = (world.relay.clone(), sender.credential.clone());
    let started = Instant::now();
    let (answer, ()) = tokio::join!(relay.get("/v1/feedback?wait=60", Some(&credential)), async {
        World::until("it is asked", async || world.metric("sealpush_connections").await >= 1).await;
        world.stop_relay().await;
    });

    assert_eq!((answer.status.as_u16(), answer.json()["cursor"].clone()), (200, Value::Null));
    assert!(started.elapsed().as_secs() < 50);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_answered_is_refused() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for query in ["?wait=61", "?wait=-1", "?after=x", "?after=AAAAAAAAAAAAAAAAAAAAAB", "?since=1"] {
        let answer = ask(&world, &sender, query).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "invalid_query"), "{query}");
    }
    assert_eq!(world.relay.get("/v1/feedback", None).await.status, 401);
    world.end().await;
}
