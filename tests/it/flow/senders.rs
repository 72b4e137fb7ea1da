//! What is one sender's is no other's, and what a sender had ends with it.

use push_simulator::Effect;
use serde_json::json;

use super::{to, with};
use crate::support::{Device, Sender, World, fcm};

/// A delivery that waits in the outbox; its notification's id.
async fn waiting(world: &World, sender: &Sender, phone: &Device) -> String {
    world.script(phone, Effect::fcm(push_simulator::FcmFailure::DeviceQuotaExceeded), 1);
    let id = world.notification_id();
    let answer = world.notify(sender, with(to(&[phone]), json!({ "id": id }))).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    id
}

/// The outcome and the reason of a notification's one target.
async fn end_of(world: &World, sender: &Sender, id: &str) -> (String, String) {
    let target = world.decided(sender, id).await["targets"][0].clone();
    let text = |member: &str| target[member].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("reason"))
}

fn subscription_ended() -> (String, String) {
    ("gone".to_owned(), "subscription_ended".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_senders_subscription_is_one_that_does_not_exist() {
    let world = World::start().await;
    let (owner, stranger) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let phone = world.android(&owner, false).await;
    let path = format!("/v1/subscriptions/{}", phone.subscription);
    let nothing = format!("/v1/subscriptions/{}", World::subscription_id());

    let target = world.outcome(&stranger, to(&[&phone])).await;
    assert_eq!((&target["outcome"], &target["reason"]), (&json!("gone"), &json!("unknown_subscription")));
    let read = world.relay.get(&path, Some(&stranger.credential)).await;
    let unknown = world.relay.get(&nothing, Some(&stranger.credential)).await;
    assert_eq!((read.status.as_u16(), read.text), (404, unknown.text));
    assert_eq!(world.delete(&path, &stranger.credential).await.status, 404);

    assert_eq!(world.relay.get(&path, Some(&owner.credential)).await.status, 200);
    assert!(world.attempts(&phone).is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_senders_notification_cannot_be_read() {
    let world = World::start().await;
    let (owner, stranger) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let phone = world.android(&owner, false).await;
    let id = world.notification_id();
    world.outcome(&owner, with(to(&[&phone]), json!({ "id": id }))).await;
    world.decided(&owner, &id).await;

    let read = world.relay.get(&format!("/v1/notifications/{id}"), Some(&stranger.credential)).await;

    assert_eq!((read.status.as_u16(), read.code().as_str()), (404, "no_such_notification"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_apps_registration_cannot_be_read_replaced_or_removed() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (one, two) = (world.android(&sender, false).await, world.android(&sender, false).await);
    let path = format!("/v1/registrations/{}", one.registration);
    let token = json!({ "device_token": two.token });

    assert_eq!(world.relay.get(&path, Some(&two.credential)).await.status, 401);
    let replaced = world.relay.call(http::Method::PUT, &path, Some(&two.credential), Some(&token)).await;
    assert_eq!(replaced.status, 401);
    assert_eq!(world.delete(&path, &two.credential).await.status, 401);
    let subscription = format!("/v1/subscriptions/{}", one.subscription);
    assert_eq!(world.delete(&subscription, &two.credential).await.status, 404);

    assert_eq!(world.outcome(&sender, to(&[&one])).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_suspended_sender_ends() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let id = waiting(&world, &sender, &phone).await;

    let suspend = format!("/admin/senders/{}/suspend", sender.id);
    assert_eq!(world.admin.post(&suspend, None, &json!({})).await.status, 204);

    let refused = world.notify(&sender, to(&[&phone])).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "sender_suspended"));
    let resume = format!("/admin/senders/{}/resume", sender.id);
    assert_eq!(world.admin.post(&resume, None, &json!({})).await.status, 204);
    assert_eq!(end_of(&world, &sender, &id).await, subscription_ended());
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
    world.only_push(&phone);
    world.end().await;
}

/// It waits in memory, because its sender waits for the answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_memory_for_a_sender_that_stopped_is_not_attempted_again() {
    let world = World::start().await;
    for erased in [false, true] {
        let sender = world.sender("sealed_only").await;
        let phone = world.android(&sender, false).await;
        world.script(&phone, Effect::fcm(push_simulator::FcmFailure::Unavailable).retry_after("2"), 1);
        let stop = async {
            World::until("the first attempt", async || world.attempts(&phone).len() == 1).await;
            let path = format!("/admin/senders/{}{}", sender.id, if erased { "" } else { "/suspend" });
            let method = if erased { http::Method::DELETE } else { http::Method::POST };
            assert!(world.admin.call(method, &path, None, None).await.status.is_success());
        };

        let (answer, ()) = tokio::join!(world.notify(&sender, to(&[&phone])), stop);

        let target = answer.json()["targets"][0].clone();
        assert_eq!((&target["outcome"], &target["reason"]), (&json!("gone"), &json!("subscription_ended")));
        assert_eq!(world.attempts(&phone).len(), 1);
    }
    world.end().await;
}

/// An app logs out while its server waits for the answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_memory_for_what_was_removed_is_not_attempted_again() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for registration in [false, true] {
        let phone = world.android(&sender, false).await;
        world.script(&phone, Effect::fcm(push_simulator::FcmFailure::Unavailable).retry_after("2"), 1);
        let path = if registration {
            format!("/v1/registrations/{}", phone.registration)
        } else {
            format!("/v1/subscriptions/{}", phone.subscription)
        };
        let remove = async {
            World::until("the first attempt", async || world.attempts(&phone).len() == 1).await;
            assert_eq!(world.delete(&path, &phone.credential).await.status, 200);
        };

        let (answer, ()) = tokio::join!(world.notify(&sender, to(&[&phone])), remove);

        let target = answer.json()["targets"][0].clone();
        assert_eq!((&target["outcome"], &target["reason"]), (&json!("gone"), &json!("subscription_ended")));
        assert_eq!(world.attempts(&phone).len(), 1);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_sender_leaves_nothing_behind() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    waiting(&world, &sender, &phone).await;

    let path = format!("/admin/senders/{}", sender.id);
    assert_eq!(world.admin.call(http::Method::DELETE, &path, None, None).await.status, 200);

    let refused = world.notify(&sender, to(&[&phone])).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "credential_invalid"));
    let pending = world.metric("sealpush_outbox_pending").await;
    assert!(pending == 0, "{pending}");
    let subscription = format!("/v1/subscriptions/{}", phone.subscription);
    assert_eq!(world.relay.get(&subscription, Some(&phone.credential)).await.status, 404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_subscription_or_registration_ends_with_it() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for by_app in [true, false] {
        for registration in [true, false] {
            let phone = world.android(&sender, false).await;
            let id = waiting(&world, &sender, &phone).await;
            let path = match (registration, by_app) {
                (true, _) => format!("/v1/registrations/{}", phone.registration),
                (false, _) => format!("/v1/subscriptions/{}", phone.subscription),
            };
            let bearer = if registration || by_app { &phone.credential } else { &sender.credential };
            assert_eq!(world.delete(&path, bearer).await.status, 200);
            assert_eq!(end_of(&world, &sender, &id).await, subscription_ended());
            assert!(world.inbox(&phone).is_empty());
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_reach_one_registration_each_by_a_subscription_of_its_own() {
    let world = World::start().await;
    let (one, two) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let first = world.android(&one, false).await;
    let second = first.also_for(&world, &two, false).await;

    for (sender, device) in [(&one, &first), (&two, &second)] {
        assert_eq!(world.outcome(sender, to(&[device])).await["outcome"], "accepted");
    }

    assert_ne!(first.subscription, second.subscription);
    assert_eq!(world.inbox(&first).len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_known_already_makes_a_registration_of_its_own() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let one = world.android(&sender, false).await;
    let two = Device::register(&world, &sender, fcm(&one.token), false).await;
    assert_ne!(one.registration, two.registration);

    assert_eq!(
        world.delete(&format!("/v1/registrations/{}", one.registration), &one.credential).await.status,
        200
    );

    assert_eq!(world.outcome(&sender, to(&[&two])).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_sender_gets_no_new_subscription() {
    let world = World::start().await;
    let (sender, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let phone = world.android(&other, false).await;
    let suspend = format!("/admin/senders/{}/suspend", sender.id);
    assert_eq!(world.admin.post(&suspend, None, &json!({})).await.status, 204);

    let path = format!("/v1/registrations/{}/subscriptions", phone.registration);
    let request = json!({"subscription": World::subscription_id(), "sender": sender.id});
    let refused = world.relay.post(&path, Some(&phone.credential), &request).await;

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "unknown_sender"));
    world.end().await;
}
