//! One sender's flood does not stand in another's way: counted in the order of dispatch, not timed.

use std::time::Duration;

use push_simulator::{Effect, Record, Rule, RuleTarget};
use serde_json::json;

use super::{to, with};
use crate::support::{Device, Sender, TOPIC, World};

/// Promises a notification: its id.
async fn promise(world: &World, sender: &Sender, phones: &[&Device]) -> String {
    let id = world.notification_id();
    let notification = with(to(phones), json!({"id": id, "wait": false}));
    assert_eq!(world.notify(sender, notification).await.status, 202);
    id
}

fn is_for(record: &Record, device: &Device) -> bool {
    record.path.ends_with(&device.token) || record.body.contains(&device.token)
}

/// How many pushes came before each of those to `device`.
fn places(world: &World, all: &[&Device], device: &Device) -> Vec<usize> {
    let records = world.simulator.records();
    let pushes = records.iter().filter(|record| all.iter().any(|one| is_for(record, one)));
    pushes.enumerate().filter(|(_, record)| is_for(record, device)).map(|(place, _)| place).collect()
}

/// A sender with many phones, of which the first is answered late, and one with a single phone.
async fn a_flooder_and_another(world: &World) -> ((Sender, Vec<Device>), (Sender, Device)) {
    let (flooder, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let mut phones = Vec::new();
    for _ in 0..40 {
        phones.push(world.android(&flooder, false).await);
    }
    let phone = world.android(&other, false).await;
    world.script(&phones[0], Effect::Delay { millis: 5_000 }, 1);
    ((flooder, phones), (other, phone))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_sender_sends_waits_for_one_round_of_a_flood_and_not_for_all_of_it() {
    let world = World::builder().config("limits", "in_flight = 1").start().await;
    let ((flooder, phones), (other, phone)) = a_flooder_and_another(&world).await;
    let flood: Vec<&Device> = phones.iter().collect();
    let mut ids = vec![(&flooder, promise(&world, &flooder, &flood[..1]).await)];
    World::until("the first is under way", async || !world.attempts(&phones[0]).is_empty()).await;
    ids.push((&flooder, promise(&world, &flooder, &flood).await));

    for _ in 0..3 {
        ids.push((&other, promise(&world, &other, &[&phone]).await));
    }

    for (sender, id) in ids {
        world.decided(sender, &id).await;
    }
    let all: Vec<&Device> = flood.iter().copied().chain([&phone]).collect();
    let places = places(&world, &all, &phone);
    // One is under way, one had its place already; then the two senders take turns.
    assert_eq!(places.len(), 3);
    assert!(places.iter().zip([4, 6, 8]).all(|(place, most)| *place <= most), "{places:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_to_the_outbox_takes_turns_with_what_lies_in_memory() {
    let mut world = World::builder().config("limits", "in_flight = 1").leaves_work().start().await;
    let ((flooder, phones), (other, phone)) = a_flooder_and_another(&world).await;
    let flood: Vec<&Device> = phones.iter().collect();
    let first = promise(&world, &flooder, &flood).await;
    let last = promise(&world, &other, &[&phone]).await;
    world.stop_relay().await;
    let before: usize = flood.iter().map(|phone| world.attempts(phone).len()).sum();

    world.start_relay().await;

    world.decided(&flooder, &first).await;
    world.decided(&other, &last).await;
    let all: Vec<&Device> = flood.iter().copied().chain([&phone]).collect();
    let place = places(&world, &all, &phone)[0];
    assert!(place <= before + 4, "{place} after {before}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_held_app_is_not_touched_before_it_may_try() {
    let (world, clock) = World::at_a_standstill().await;
    let refusal = Effect::apns(403, "InvalidProviderToken");
    world.simulator.script(Rule::new(RuleTarget::Topic(TOPIC.to_owned()), refusal));
    for _ in 0..3 {
        let sender = world.sender("sealed_only").await;
        for _ in 0..10 {
            promise(&world, &sender, &[&world.iphone(&sender, false).await]).await;
        }
    }
    World::until("all wait", async || {
        let document = world.admin.get("/admin/outbox", None).await.json();
        let group = &document["groups"][0];
        (&group["waits_for"], &group["waiting"], &group["taken"]) == (&json!("held"), &json!(30), &json!(0))
    })
    .await;
    let tried = async || {
        let of = |class| format!("sealpush_attempts_total{{push_service=\"apns\",class=\"{class}\"}}");
        world.metric(&of("not_attempted")).await + world.metric(&of("app_held")).await
    };
    let before = tried().await;

    // Each time all of them are due again, and one may try.
    for _ in 0..5 {
        let last = tried().await;
        clock.advance(Duration::from_mins(6));
        World::until("one has tried", async || tried().await > last).await;
    }

    let more = tried().await - before;
    assert!((5..=15).contains(&more), "{more} attempts of what is held");
    world.simulator.clear_script();
    World::until("all went out", async || {
        clock.advance(Duration::from_secs(30));
        world.metric("sealpush_outbox_pending").await == 0
    })
    .await;
    world.end().await;
}
