//! What two senders see of one device has nothing in common, and a push service finds nothing by which the targets of one
//! notification belong together.
//!
//! What is in common is measured, not listed: two views may share what a third one, of somebody who has nothing to do with
//! them, shares too (words of the protocol, the day).

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use push_simulator::{Effect, Push};
use serde_json::{Value, json};

use crate::support::{Answer, Device, Sender, World};

const COLLAPSE_KEY: &str = "room-42";
/// Of two ciphertexts, so many bytes in a row are not equal by chance.
const BY_CHANCE: usize = 6;

/// Every text and number in `value`.
fn leaves(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, into)),
        Value::String(text) => _ = into.insert(text.clone()),
        Value::Number(number) => _ = into.insert(number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// What one sender sees of a device, from its first notification to the end of its subscription.
#[derive(Default)]
struct View {
    values: BTreeSet<String>,
    waiting: String,
}

impl View {
    /// Takes down what an answer says.
    fn see(&mut self, answer: &Answer) {
        leaves(&answer.json(), &mut self.values);
    }

    /// Looks at the subscription, and notifies: once with an outcome, and once so that it waits.
    async fn begin(world: &World, sender: &Sender, device: &Device) -> Self {
        let mut view = Self::default();
        let path = format!("/v1/subscriptions/{}", device.subscription);
        view.see(&world.relay.get(&path, Some(&sender.credential)).await);
        let notification = |wait: bool| {
            json!({"wait": wait, "collapse_key": COLLAPSE_KEY, "content": {"title": "New", "body": "Hello"},
                "targets": [{"subscription": device.subscription}]})
        };
        view.see(&world.notify(sender, notification(true)).await);
        world.script(device, Effect::answer(503, "{}"), 1);
        let before = world.attempts(device).len();
        let waits = world.notify(sender, notification(false)).await;
        view.see(&waits);
        waits.json()["id"].as_str().unwrap().clone_into(&mut view.waiting);
        World::until("the first attempt was in vain", async || world.attempts(device).len() > before).await;
        view
    }

    /// Reads how it ended, after the device left.
    async fn end(mut self, world: &World, sender: &Sender) -> BTreeSet<String> {
        let ended = world.decided(sender, &self.waiting).await;
        assert_eq!(ended["targets"][0]["reason"], "subscription_ended", "{ended}");
        leaves(&ended, &mut self.values);
        let feedback = world.relay.get("/v1/feedback", Some(&sender.credential)).await;
        assert_eq!(feedback.json()["subscriptions"][0]["ended"], "removed", "{feedback:?}");
        self.see(&feedback);
        self.values
    }
}

async fn leave(world: &World, device: &Device) {
    let path = format!("/v1/registrations/{}", device.registration);
    let left = world.relay.call(Method::DELETE, &path, Some(&device.credential), None).await;
    assert!(left.status.is_success(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_who_compare_all_that_they_see_of_one_device_find_nothing_in_common() {
    let world = World::start().await;
    let (one, two) = (world.sender("seal_or_omit").await, world.sender("seal_or_omit").await);
    let third = world.sender("seal_or_omit").await;
    let for_one = world.iphone(&one, true).await;
    let for_two = for_one.also_for(&world, &two, true).await;
    let for_third = world.iphone(&third, true).await;

    let views = [
        View::begin(&world, &one, &for_one).await,
        View::begin(&world, &two, &for_two).await,
        View::begin(&world, &third, &for_third).await,
    ];
    // Both subscriptions of the one device end at one moment.
    leave(&world, &for_one).await;
    leave(&world, &for_third).await;
    let [of_one, of_two, of_third] = views;
    let of_one = of_one.end(&world, &one).await;
    let of_two = of_two.end(&world, &two).await;
    let of_third = of_third.end(&world, &third).await;

    let in_common: Vec<_> = of_one.intersection(&of_two).filter(|value| !of_third.contains(*value)).collect();
    assert!(in_common.is_empty(), "{in_common:?}");
    // The comparison sees what it should: the words that every sender reads, and what is each one's own.
    assert!(of_one.contains("subscription_ended") && of_two.contains("subscription_ended"));
    assert!(of_one.contains(&for_one.subscription) && of_two.contains(&for_two.subscription));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_told_the_same_of_anothers_subscription_as_of_none() {
    let world = World::start().await;
    let (one, two) = (world.sender("seal_or_omit").await, world.sender("seal_or_omit").await);
    let for_one = world.iphone(&one, true).await;
    let nobodys = World::subscription_id();

    let mut told = Vec::new();
    for subscription in [&for_one.subscription, &nobodys] {
        let path = format!("/v1/subscriptions/{subscription}");
        let read = world.relay.get(&path, Some(&two.credential)).await;
        let removed = world.delete(&path, &two.credential).await;
        let notified = world.outcome(&two, json!({"targets": [{"subscription": subscription}]})).await;
        let outcome = (notified["outcome"].clone(), notified["reason"].clone(), notified["form"].clone());
        told.push(((read.status, read.code()), (removed.status, removed.code()), outcome));
    }

    assert_eq!(told[0], told[1]);
    assert_eq!(
        world.outcome(&one, json!({"targets": [{"subscription": for_one.subscription}]})).await["outcome"],
        "accepted"
    );
    world.end().await;
}

/// What a push service sees of a push, by where it stands.
fn seen(push: &Push) -> BTreeMap<String, String> {
    fn walk(place: &str, value: &Value, seen: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, member)| walk(&format!("{place}.{name}"), member, seen));
            }
            other => _ = seen.insert(place.to_owned(), other.to_string()),
        }
    }
    let mut all: BTreeMap<_, _> = push.headers.clone().into_iter().collect();
    walk("body", &push.body, &mut all);
    all
}

/// What is in two of `pushes`, each at any place, and in no push of the `others`.
fn only_here(pushes: &[Push], others: &[Push]) -> Vec<String> {
    let elsewhere: BTreeSet<_> = others.iter().flat_map(|push| seen(push).into_values()).collect();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for push in pushes {
        for value in seen(push).into_values().collect::<BTreeSet<_>>() {
            *times.entry(value).or_default() += 1;
        }
    }
    times
        .into_iter()
        .filter(|(value, times)| *times > 1 && !elsewhere.contains(value))
        .map(|(value, _)| value)
        .collect()
}

/// The sealed bytes of a push.
fn sealed(push: &Push) -> Vec<u8> {
    let body = &push.body;
    let text = body["seal"].as_str().or(body["data"]["seal"].as_str());
    sealpush_seal::base64url::decode(text.expect("it is sealed")).unwrap()
}

/// Whether two sealed contents have bytes in a row in common, after version and suite.
fn have_bytes_in_common(one: &[u8], other: &[u8]) -> bool {
    let rows: BTreeSet<_> = one[2..].windows(BY_CHANCE).collect();
    other[2..].windows(BY_CHANCE).any(|row| rows.contains(row))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_service_finds_nothing_that_groups_the_targets_of_one_notification() {
    // Time stands still: that pushes arrive together is not hidden, and is no value in them.
    let (world, _clock) = World::at_a_standstill().await;
    let mut pushes = Vec::new();
    for _ in 0..2 {
        let sender = world.sender("seal_or_omit").await;
        let mut phones = Vec::new();
        for _ in 0..2 {
            phones.push(world.iphone(&sender, true).await);
            phones.push(world.android(&sender, true).await);
        }
        let targets: Value = phones.iter().map(|phone| json!({"subscription": phone.subscription})).collect();
        let content = json!({"title": "New", "body": "Hello"});
        let notification = json!({"collapse_key": COLLAPSE_KEY, "content": content, "targets": targets});
        let answer = world.notify(&sender, notification).await;
        assert_eq!(answer.text.matches("accepted").count(), phones.len(), "{answer:?}");
        pushes.push(phones.iter().map(|phone| world.only_push(phone)).collect::<Vec<_>>());
    }

    assert_eq!(only_here(&pushes[0], &pushes[1]), Vec::<String>::new());
    assert_eq!(only_here(&pushes[1], &pushes[0]), Vec::<String>::new());
    let bodies: Vec<_> = pushes.iter().flatten().map(sealed).collect();
    for (place, one) in bodies.iter().enumerate() {
        assert!(bodies[..place].iter().all(|other| !have_bytes_in_common(one, other)));
    }
    world.end().await;
}
