//! A wall clock that jumps while deliveries wait.

use std::collections::BTreeMap;
use std::time::Duration;

use push_simulator::Effect;
use sealpush::base::{Clock, UnixMillis};
use serde_json::json;

use crate::support::{Device, Sender, World};

const HOUR: Duration = Duration::from_hours(1);

/// A notification that waits, because its push service asked for half a minute of patience.
async fn waiting(world: &World, sender: &Sender, phone: &Device) -> String {
    let headers = BTreeMap::from([("retry-after".to_owned(), "30".to_owned())]);
    world.script(phone, Effect::Answer { status: 429, headers, body: String::new() }, 1);
    let id = world.notification_id();
    let targets = json!([{"subscription": phone.subscription}]);
    let answer =
        world.notify(sender, json!({"id": id, "wait": false, "ttl": 1_800, "targets": targets})).await;
    assert_eq!(answer.status, 202);
    World::until("it waits for its second attempt", async || {
        world.attempts(phone).len() == 1 && world.metric("sealpush_outbox_pending").await == 1
    })
    .await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_by_a_clock_that_jumped_ahead_is_not_sent() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let id = waiting(&world, &sender, &phone).await;

    clock.advance(HOUR);

    assert_eq!(world.decided(&sender, &id).await["targets"][0]["outcome"], "expired");
    assert_eq!(world.attempts(&phone).len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_adds_nothing_to_a_wait_that_has_begun() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let id = waiting(&world, &sender, &phone).await;
    let next_try =
        async || world.admin.get("/admin/outbox", None).await.json()["groups"][0]["next_due_at"].clone();
    let before = next_try().await;

    clock.set(UnixMillis(clock.now().0 - i64::try_from(HOUR.as_millis()).unwrap()));

    World::until("the relay has seen it", async || next_try().await != before).await;
    // Twice what the push service asked for.
    clock.advance(Duration::from_mins(1));
    assert_eq!(world.decided(&sender, &id).await["targets"][0]["outcome"], "accepted");
    world.end().await;
}
