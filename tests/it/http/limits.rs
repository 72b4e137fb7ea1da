//! How often one may ask: who asks too often is told so, and nobody else notices.

use std::sync::Arc;
use std::time::Duration;

use sealpush::base::{ManualClock, OsEntropy};
use sealpush::model::{BearerToken, TokenKindPrefix};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Device, Sender, World};

/// A world at a standstill with these lines in `[limits]`.
async fn limited(lines: &[&str]) -> (World, Arc<ManualClock>) {
    let (mut builder, clock) = World::builder().at_a_standstill();
    for line in lines {
        builder = builder.config("limits", *line);
    }
    (builder.start().await, clock)
}

fn to(devices: &[&Device]) -> Value {
    let targets = devices.iter().map(|device| json!({"subscription": device.subscription}));
    json!({"targets": targets.collect::<Vec<_>>()})
}

fn header(answer: &Answer, name: &str) -> String {
    answer.headers[name].to_str().unwrap().to_owned()
}

pub(super) fn assert_refused(answer: &Answer, limit: &str, seconds: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "rate_limited"), "{answer:?}");
    assert_eq!(answer.json()["limit"], limit);
    assert_eq!(header(answer, "retry-after"), seconds);
    assert!(header(answer, "ratelimit-policy").starts_with(&format!("\"{limit}\";q=")), "{answer:?}");
    assert!(header(answer, "ratelimit").ends_with(&format!(";t={seconds}")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_notifies_too_much_waits_and_then_goes_on() {
    let (world, clock) = limited(&["targets = 2", "rates.sender_targets = \"3 per minute\""]).await;
    let sender = world.sender("sealed_only").await;
    let (one, other) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    assert_eq!(world.notify(&sender, to(&[&one, &other])).await.status, 200);

    let notification = json!({"id": world.notification_id(), "targets": to(&[&one, &other])["targets"]});
    let refused = world.notify(&sender, notification.clone()).await;

    assert_refused(&refused, "sender_targets", "20");
    assert_eq!(header(&refused, "ratelimit"), "\"sender_targets\";r=1;t=20");
    assert_eq!(world.inbox(&one).len(), 1);
    clock.advance(Duration::from_secs(20));
    let passed = world.notify(&sender, notification).await;
    assert_eq!((passed.status.as_u16(), world.inbox(&one).len()), (200, 2), "{passed:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_one_sender_is_no_limit_of_another() {
    let (world, _) = limited(&["rates.sender_requests = \"2 per hour\""]).await;
    let (busy, quiet) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let path = format!("/v1/notifications/{}", world.notification_id());
    for status in [404, 404, 429] {
        assert_eq!(world.relay.get(&path, Some(&busy.credential)).await.status, status);
    }
    assert_eq!(world.relay.get(&path, Some(&quiet.credential)).await.status, 404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_how_the_limits_stand() {
    let (world, _) = limited(&["rates.sender_requests = \"60 per minute\""]).await;
    let sender = world.sender("sealed_only").await;
    let device = world.android(&sender, false).await;
    let answer = world.notify(&sender, to(&[&device])).await;
    let policy = "\"sender_requests\";q=60;w=60, \"sender_targets\";q=120000;w=60;qu=\"targets\"";
    assert_eq!(header(&answer, "ratelimit-policy"), policy);
    assert_eq!(header(&answer, "ratelimit"), "\"sender_requests\";r=59;t=1, \"sender_targets\";r=119999;t=1");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_takes_nothing_of_the_targets() {
    let (world, _) = limited(&["targets = 1", "rates.sender_targets = \"1 per hour\""]).await;
    let sender = world.sender("sealed_only").await;
    let device = world.android(&sender, false).await;
    let notification = json!({"id": world.notification_id(), "targets": to(&[&device])["targets"]});
    for _ in 0..3 {
        assert_eq!(world.notify(&sender, notification.clone()).await.status, 200);
    }
    assert_eq!(world.notify(&sender, to(&[&device])).await.status, 429);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_notified_too_often_spoils_no_other() {
    let (world, clock) = limited(&["rates.subscription_targets = \"1 per minute\""]).await;
    let sender = world.sender("sealed_only").await;
    let (flooded, other) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    world.notify(&sender, to(&[&flooded])).await;

    let answer = world.notify(&sender, to(&[&flooded, &other])).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    let targets = answer.json()["targets"].clone();
    let of = |device: &Device| {
        let all = targets.as_array().unwrap();
        all.iter().find(|target| target["subscription"] == device.subscription).unwrap().clone()
    };
    assert_eq!(of(&flooded)["outcome"], "rejected");
    assert_eq!(of(&flooded)["reason"], "subscription_rate_limited");
    assert_eq!(of(&other)["outcome"], "accepted");
    clock.advance(Duration::from_mins(1));
    assert_eq!(world.outcome(&sender, to(&[&flooded])).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_whose_devices_register_too_often_waits() {
    let (world, _) = limited(&["rates.app_registrations = \"1 per hour\""]).await;
    let sender = world.sender("sealed_only").await;
    world.android(&sender, false).await;
    let next = crate::support::fcm(&world.simulator.fcm_device(crate::support::PROJECT));
    let refused = world.relay.post("/v1/registrations", None, &next).await;
    assert_refused(&refused, "app_registrations", "3600");
    world.end().await;
}

/// A credential of this sender's with another secret.
fn wrong(sender: &Sender) -> String {
    let id = BearerToken::parse(TokenKindPrefix::Sender, &sender.credential).unwrap().id::<()>();
    BearerToken::draw(id, &OsEntropy).reveal(TokenKindPrefix::Sender)
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_authentication_with_one_credential_is_stopped_before_it_is_looked_up() {
    let (world, clock) = limited(&["rates.credential_failures = \"2 per minute\""]).await;
    let (guessed, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let path = format!("/v1/notifications/{}", world.notification_id());
    for status in [401, 401, 429] {
        assert_eq!(world.relay.get(&path, Some(&wrong(&guessed))).await.status, status);
    }
    // Nobody looked whether it is the right one.
    assert_refused(&world.relay.get(&path, Some(&guessed.credential)).await, "credential_failures", "30");
    assert_eq!(world.relay.get(&path, Some(&other.credential)).await.status, 404);
    clock.advance(Duration::from_secs(30));
    assert_eq!(world.relay.get(&path, Some(&guessed.credential)).await.status, 404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_who_is_at_a_limit_now_and_no_figures() {
    let (world, clock) = limited(&["rates.sender_requests = \"1 per minute\""]).await;
    let (busy, quiet) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let path = format!("/v1/notifications/{}", world.notification_id());
    for sender in [&busy, &busy, &quiet] {
        world.relay.get(&path, Some(&sender.credential)).await;
    }
    let limits = world.admin.get("/admin/limits", None).await.json();
    assert_eq!(limits, json!({"senders": [{"sender": busy.id, "limit": "sender_requests"}], "networks": []}));
    assert_eq!(world.metric("sealpush_rate_limited_total{limit=\"sender_requests\"}").await, 1);
    clock.advance(Duration::from_mins(1));
    assert_eq!(world.admin.get("/admin/limits", None).await.json(), json!({"senders": [], "networks": []}));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_can_be_switched_off() {
    let (world, _) = limited(&["rates.sender_requests = \"off\"", "rates.sender_targets = \"off\""]).await;
    let sender = world.sender("sealed_only").await;
    let device = world.android(&sender, false).await;
    let answer = world.notify(&sender, to(&[&device])).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("ratelimit") && !answer.headers.contains_key("ratelimit-policy"));
    world.end().await;
}

/// A relay behind a proxy on the same machine, asked for these clients.
pub(super) fn from(world: &World, client: &str) -> Client {
    let Client::Tcp(address) = world.relay else { panic!("the relay listens on TCP") };
    let headers = vec![("x-forwarded-for", client.to_owned())];
    Client::Marked { address, source: address.ip(), headers }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_that_registers_too_often_keeps_no_other_out() {
    let (builder, _) = World::builder().at_a_standstill();
    let builder = builder.config("limits", "rates.address_registrations = \"1 per hour\"");
    let builder = builder.config("listen", "address = \"127.0.0.1:0\"");
    let world = builder.config("listen", "trusted_proxies = [\"127.0.0.1\"]").start().await;
    let register = async |client: &str| {
        let token = world.simulator.fcm_device(crate::support::PROJECT);
        from(&world, client).post("/v1/registrations", None, &crate::support::fcm(&token)).await
    };
    for (client, status) in
        [("192.0.2.1", 201), ("192.0.2.2", 201), ("2001:db8::1", 201), ("2001:db8:0:1::1", 201)]
    {
        assert_eq!(register(client).await.status, status, "{client}");
    }
    assert_refused(&register("192.0.2.1").await, "address_registrations", "3600");
    assert_refused(&register("2001:db8::2").await, "address_registrations", "3600");
    // Which networks it is, nobody can read out of the relay.
    let limits = world.admin.get("/admin/limits", None).await.json();
    assert_eq!(limits, json!({"senders": [], "networks": ["address_registrations"]}));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_one_network_are_stopped_and_senders_elsewhere_go_on() {
    let (builder, _) = World::builder().at_a_standstill();
    let builder = builder.config("limits", "rates.address_failures = \"2 per hour\"");
    let builder = builder.config("listen", "address = \"127.0.0.1:0\"");
    let world = builder.config("listen", "trusted_proxies = [\"127.0.0.1\"]").start().await;
    let sender = world.sender("sealed_only").await;
    let path = format!("/v1/notifications/{}", world.notification_id());
    let (here, there) = (from(&world, "192.0.2.1"), from(&world, "192.0.2.2"));
    for status in [401, 401, 429] {
        assert_eq!(here.get(&path, Some(&wrong(&sender))).await.status, status);
    }
    assert_refused(&here.get(&path, Some(&sender.credential)).await, "address_failures", "1800");
    assert_eq!(there.get(&path, Some(&sender.credential)).await.status, 404);
    world.end().await;
}
