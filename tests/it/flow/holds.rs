//! Apps that are held: by a word of the push service, or because it refuses too many of their tokens.

use std::time::Duration;

use push_simulator::{Effect, Environment, Rule, RuleTarget};
use serde_json::{Value, json};

use super::{to, with};
use crate::support::{Device, Sender, TOPIC, World, apns};

/// Longer than any delivery of a held app waits for its next try.
const LONG: Duration = Duration::from_mins(11);

/// The status of `/readyz`, and what it says of APNs in production.
async fn apns_state(world: &World) -> (u16, Value, Value) {
    let answer = world.operator.get("/readyz", None).await;
    let credentials = answer.json()["credentials"].clone();
    let of_production = |one: &&Value| one["environment"] == "production";
    let found = credentials.as_array().unwrap().iter().find(of_production).unwrap();
    (answer.status.as_u16(), found["state"].clone(), found["reason"].clone())
}

/// All that is sent to the app is refused like this.
fn refuse_all(world: &World, status: u16, reason: &str) {
    let refusal = Effect::apns(status, reason);
    world.simulator.script(Rule::new(RuleTarget::Topic(TOPIC.to_owned()), refusal));
}

/// Sends to a phone without waiting for the outcome: the notification's id.
async fn promise(world: &World, sender: &Sender, phone: &Device) -> String {
    let id = world.notification_id();
    let answer = world.notify(sender, with(to(&[phone]), json!({"id": id, "wait": false}))).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    id
}

/// Lets time pass until nothing waits any more.
async fn until_all_went_out(world: &World, clock: &sealpush::base::ManualClock) {
    World::until("all went out", async || {
        clock.advance(Duration::from_secs(30));
        world.metric("sealpush_outbox_pending").await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_worked_and_are_all_refused_hold_the_app_until_one_is_taken_again() {
    let (mut world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let mut phones = Vec::new();
    for _ in 0..25 {
        let phone = world.iphone(&sender, false).await;
        assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
        phones.push(phone);
    }
    // That they worked is in the store when the relay has stopped.
    world.stop_relay().await;
    world.start_relay().await;
    refuse_all(&world, 400, "DeviceTokenNotForTopic");

    for phone in &phones[..19] {
        assert_eq!(world.outcome(&sender, to(&[phone])).await["reason"], "token_not_for_app");
    }
    let mut waiting = Vec::new();
    for phone in &phones[19..] {
        waiting.push(promise(&world, &sender, phone).await);
    }

    World::until("the app is held", async || apns_state(&world).await.0 == 503).await;
    assert_eq!(apns_state(&world).await, (503, json!("held"), json!("tokens_refused")));
    world.simulator.clear_script();
    until_all_went_out(&world, &clock).await;
    for id in &waiting {
        assert_eq!(world.decided(&sender, id).await["targets"][0]["outcome"], "accepted");
    }
    assert_eq!(apns_state(&world).await, (200, json!("usable"), Value::Null));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_never_worked_hold_nobody() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    refuse_all(&world, 400, "DeviceTokenNotForTopic");
    for _ in 0..25 {
        let phone = world.iphone(&sender, false).await;
        assert_eq!(world.outcome(&sender, to(&[&phone])).await["reason"], "token_not_for_app");
    }
    assert_eq!(apns_state(&world).await.0, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_bad_in_both_environments_is_shown_to_both_once() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    for attempts in [2, 3] {
        world.script(&phone, Effect::apns(400, "BadDeviceToken"), 1);
        assert_eq!(world.outcome(&sender, to(&[&phone])).await["reason"], "token_not_for_app");
        assert_eq!(world.attempts(&phone).len(), attempts);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_for_one_environment_only_holds_nobody_who_is_there() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let token = world.simulator.apns_device(TOPIC, Environment::Sandbox);
    let stray = Device::register(&world, &sender, apns(&token), false).await;
    let phone = world.iphone(&sender, false).await;
    world.script(&stray, Effect::apns(403, "BadEnvironmentKeyInToken"), 1);

    assert_eq!(world.outcome(&sender, to(&[&stray])).await["reason"], "token_not_for_app");

    assert_eq!(world.operator.get("/readyz", None).await.status, 200);
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_app_goes_on_at_once_and_a_restart_forgets_that_it_was_held() {
    let (mut world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    refuse_all(&world, 403, "Forbidden");
    let first = promise(&world, &sender, &phone).await;
    World::until("the app is held", async || apns_state(&world).await.0 == 503).await;
    world.simulator.clear_script();

    let released = world.admin.post("/admin/apps/chat/release", None, &Value::Null).await;

    assert_eq!(released.json(), json!({"released": 1}), "{released:?}");
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
    refuse_all(&world, 403, "Forbidden");
    let second = promise(&world, &sender, &phone).await;
    World::until("the app is held again", async || apns_state(&world).await.0 == 503).await;
    world.simulator.clear_script();
    world.stop_relay().await;
    world.start_relay().await;
    assert_eq!(apns_state(&world).await.0, 200);
    clock.advance(LONG);
    for id in [first, second] {
        assert_eq!(world.decided(&sender, &id).await["targets"][0]["outcome"], "accepted");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_does_not_exist_is_not_released() {
    let world = World::start().await;
    let answer = world.admin.post("/admin/apps/nobody/release", None, &Value::Null).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "no_such_app"));
    world.end().await;
}
