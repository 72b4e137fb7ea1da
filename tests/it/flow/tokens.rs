//! Dead tokens, and whose fault a refusal is.

use push_simulator::{Effect, Environment, FcmFailure};
use serde_json::{Value, json};

use super::to;
use crate::support::{Device, Sender, TOPIC, World, apns, fcm, now_ms};

/// The outcome and the reason of a notification to one device.
async fn outcome(world: &World, sender: &Sender, device: &Device) -> (String, String) {
    let target = world.outcome(sender, to(&[device])).await;
    let text = |member: &str| target[member].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("reason"))
}

/// The status of reading a registration with its own credential: 401 once it is erased.
async fn registration_status(world: &World, device: &Device) -> u16 {
    let path = format!("/v1/registrations/{}", device.registration);
    world.relay.get(&path, Some(&device.credential)).await.status.as_u16()
}

fn pair(outcome: &str, reason: &str) -> (String, String) {
    (outcome.to_owned(), reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_target_never_spoils_the_others() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (good, other) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    let (dead, calls) = (world.android(&sender, false).await, world.voip_iphone(&sender, false).await);
    world.simulator.unregister(&dead.token, now_ms());
    let mut notification = to(&[&dead, &good, &calls, &other]);
    let targets = notification["targets"].as_array_mut().unwrap();
    targets.push(json!({"subscription": World::subscription_id()}));

    let answer = world.notify(&sender, notification).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    let mut outcomes: Vec<String> = Vec::new();
    for device in [&good.subscription, &other.subscription, &dead.subscription, &calls.subscription] {
        let targets = answer.json()["targets"].clone();
        let target = targets.as_array().unwrap().iter().find(|one| one["subscription"] == **device).cloned();
        outcomes.push(target.unwrap()["outcome"].as_str().unwrap().to_owned());
    }
    assert_eq!(outcomes, ["accepted", "accepted", "gone", "rejected"]);
    assert!(answer.text.contains("unknown_subscription"), "{answer:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_retires_every_registration_that_holds_it() {
    let world = World::start().await;
    let (sender, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    for (device, registration) in [
        (world.android(&sender, false).await, fcm as fn(&str) -> Value),
        (world.iphone(&sender, false).await, apns as fn(&str) -> Value),
    ] {
        let again = Device::register(&world, &other, registration(&device.token), false).await;
        world.simulator.unregister(&device.token, now_ms() + 1_000);

        assert_eq!(outcome(&world, &sender, &device).await.0, "gone");

        World::until("both registrations are erased", async || {
            registration_status(&world, &device).await == 401
                && registration_status(&world, &again).await == 401
        })
        .await;
        assert_eq!(outcome(&world, &other, &again).await, pair("gone", "unknown_subscription"));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_made_after_the_token_died_is_kept() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let old = world.iphone(&sender, false).await;
    clock.advance(std::time::Duration::from_secs(10));
    let died_at = u64::try_from(sealpush::base::Clock::now(&*clock).0).unwrap();
    clock.advance(std::time::Duration::from_secs(10));
    let new = Device::register(&world, &sender, apns(&old.token), false).await;
    world.simulator.unregister(&old.token, died_at);

    assert_eq!(outcome(&world, &sender, &new).await, pair("rejected", "Unregistered"));
    assert_eq!(outcome(&world, &sender, &old).await, pair("gone", "Unregistered"));

    World::until("the old one is erased", async || registration_status(&world, &old).await == 401).await;
    assert_eq!(registration_status(&world, &new).await, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_one_token_and_not_its_death_retires_nothing() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    for (device, effect) in [
        (&iphone, Effect::apns(400, "DeviceTokenNotForTopic")),
        (&iphone, Effect::apns(400, "BadDeviceToken")),
        (&android, Effect::fcm(FcmFailure::SenderIdMismatch)),
        (&android, Effect::fcm(FcmFailure::InvalidToken)),
    ] {
        world.script(device, effect.clone(), 1);
        assert_eq!(
            outcome(&world, &sender, device).await,
            pair("rejected", "token_not_for_app"),
            "{effect:?}"
        );
        assert_eq!(outcome(&world, &sender, device).await.0, "accepted", "after {effect:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_but_a_dead_tokens_retires() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    for (device, effect) in [
        (&iphone, Effect::apns(410, "Unregistered")),
        (&iphone, Effect::apns(410, "SomethingNew")),
        (&iphone, Effect::apns(404, "BadPath")),
        (&iphone, Effect::answer(410, "<html>gone</html>")),
        (&android, Effect::answer(410, "<html>gone</html>")),
        (&android, Effect::fcm(FcmFailure::InvalidArgument)),
    ] {
        world.script(device, effect.clone(), 1);
        assert_eq!(outcome(&world, &sender, device).await.0, "rejected", "{effect:?}");
        assert_eq!(outcome(&world, &sender, device).await.0, "accepted", "after {effect:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_token_registered_as_production_is_reached_and_the_environment_remembered() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let token = world.simulator.apns_device(TOPIC, Environment::Sandbox);
    let phone = Device::register(&world, &sender, apns(&token), false).await;

    assert_eq!(outcome(&world, &sender, &phone).await.0, "accepted");

    let path = format!("/v1/registrations/{}", phone.registration);
    World::until("the environment is remembered", async || {
        let registration = world.relay.get(&path, Some(&phone.credential)).await.json();
        registration["environment"] == "sandbox"
    })
    .await;
    let before = world.attempts(&phone).len();
    assert_eq!(outcome(&world, &sender, &phone).await.0, "accepted");
    assert_eq!((before, world.attempts(&phone).len()), (2, 3), "the second is sent to the sandbox at once");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_token_is_the_one_that_is_reached() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let new = world.simulator.fcm_device(crate::support::PROJECT);
    let path = format!("/v1/registrations/{}", phone.registration);
    let request = json!({ "device_token": new });

    let replaced = world.relay.call(http::Method::PUT, &path, Some(&phone.credential), Some(&request)).await;

    assert_eq!(replaced.status, 204, "{replaced:?}");
    assert_eq!(outcome(&world, &sender, &phone).await.0, "accepted");
    assert_eq!((world.simulator.inbox(&new).len(), world.inbox(&phone).len()), (1, 0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_replaced_while_it_is_tried_ends_nothing() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let token = world.simulator.fcm_device(crate::support::PROJECT);
    for effect in [
        Effect::Delay { millis: 1_000 },
        Effect::FcmFailure { failure: FcmFailure::Unregistered, retry_after: None },
    ] {
        world.script(&phone, effect, 1);
    }
    let path = format!("/v1/registrations/{}", phone.registration);
    let request = json!({ "device_token": token });

    let (outcome, replaced) = tokio::join!(world.outcome(&sender, to(&[&phone])), async {
        World::until("it is tried", async || !world.attempts(&phone).is_empty()).await;
        world.relay.call(http::Method::PUT, &path, Some(&phone.credential), Some(&request)).await
    });

    assert_eq!((replaced.status.as_u16(), &outcome["outcome"]), (204, &json!("accepted")), "{outcome:?}");
    assert_eq!((world.inbox(&phone).len(), world.simulator.inbox(&token).len()), (0, 1));
    assert_eq!(registration_status(&world, &phone).await, 200);
    world.end().await;
}
