//! What a sender may ask besides content, and how each push service is told.

use serde_json::{Value, json};

use super::{to, with};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn urgency_becomes_each_push_services_priority() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for (urgency, apple, google) in [
        ("very-low", "1", "normal"),
        ("low", "5", "normal"),
        ("normal", "5", "normal"),
        ("high", "10", "high"),
    ] {
        let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
        let answer =
            world.notify(&sender, with(to(&[&iphone, &android]), json!({ "urgency": urgency }))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(world.only_push(&iphone).headers["apns-priority"], apple, "{urgency}");
        assert_eq!(world.only_push(&android).body["android"]["priority"], google, "{urgency}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ttl_becomes_the_time_at_which_a_push_service_gives_up() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let now = sealpush::base::Clock::now(&*clock).unix_seconds();
    for (ttl, apple, google) in [
        (json!({}), now + 86_400, "86400s"),
        (json!({"ttl": 60}), now + 60, "60s"),
        (json!({"ttl": 2_419_200}), now + 2_419_200, "2419200s"),
        (json!({"ttl": 0}), 0, "0s"),
    ] {
        let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
        let answer = world.notify(&sender, with(to(&[&iphone, &android]), ttl.clone())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(world.only_push(&iphone).headers["apns-expiration"], apple.to_string(), "{ttl}");
        assert_eq!(world.only_push(&android).body["android"]["ttl"], google, "{ttl}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collapse_key_goes_out_as_a_hash_of_its_own_for_each_subscription() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    for room in ["room-1", "room-2", "room-1"] {
        let notification = with(to(&[&iphone, &android]), json!({ "collapse_key": room }));
        assert_eq!(world.notify(&sender, notification).await.status, 200);
    }
    let apple: Vec<String> =
        world.inbox(&iphone).iter().map(|push| push.headers["apns-collapse-id"].clone()).collect();
    let google: Vec<Value> =
        world.inbox(&android).iter().map(|push| push.body["android"]["collapse_key"].clone()).collect();
    assert_eq!((apple[0].len(), apple[0] == apple[2], apple[0] == apple[1]), (32, true, false));
    assert_eq!((google[0] == google[2], google[0] == google[1]), (true, false));
    assert_ne!(google[0], apple[0]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badge_and_sound_are_refused_where_the_app_does_not_allow_them() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (first, second) = (world.iphone(&sender, false).await, world.iphone(&sender, false).await);
    for (option, value) in [("badge", json!(3)), ("sound", json!("default"))] {
        let mut notification = to(&[&first, &second]);
        notification["targets"][1][option] = value;
        let answer = world.notify(&sender, notification).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "not_allowed_by_app"));
        assert_eq!(answer.json()["pointer"], format!("/targets/1/{option}"));
    }
    assert!(world.simulator.records().is_empty(), "nothing of a refused notification is sent");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badge_and_sound_go_to_an_iphone_where_the_app_allows_them() {
    let world = World::builder().app("badge = true").app("sound = true").start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let mut notification = to(&[&phone]);
    notification["targets"][0]["badge"] = json!(0);
    notification["targets"][0]["sound"] = json!("default");
    assert_eq!(world.outcome(&sender, notification).await["outcome"], "accepted");
    let aps = world.only_push(&phone).body["aps"].clone();
    assert_eq!(
        aps,
        json!({"alert": "New notification", "mutable-content": 1, "badge": 0, "sound": "default"})
    );
    world.end().await;
}
