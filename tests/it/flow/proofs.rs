//! The proof that a device token belongs to the device that registers it.

use std::time::Duration;

use http::Method;
use push_simulator::{Effect, Environment, FcmFailure};
use sealpush::base::ManualClock;
use serde_json::{Value, json};

use super::{to, with};
use crate::support::{Answer, PROJECT, TOPIC, World, apns, fcm};

async fn world() -> World {
    World::builder().app("confirm = \"required\"").start().await
}

/// A registration that waits for its echo.
struct Pending {
    token: String,
    path: String,
    credential: String,
}

async fn register(world: &World, registration: Value) -> Pending {
    let made = world.relay.post("/v1/registrations", None, &registration).await;
    assert_eq!((made.status.as_u16(), &made.json()["state"]), (201, &Value::from("pending")), "{made:?}");
    let text = |member: &str| made.json()[member].as_str().unwrap().to_owned();
    Pending {
        token: registration["device_token"].as_str().unwrap().to_owned(),
        path: format!("/v1/registrations/{}", text("registration")),
        credential: text("credential"),
    }
}

async fn pending(world: &World) -> Pending {
    register(world, apns(&world.simulator.apns_device(TOPIC, Environment::Production))).await
}

impl Pending {
    async fn post(&self, world: &World, what: &str, body: &Value) -> Answer {
        world.relay.post(&format!("{}/{what}", self.path), Some(&self.credential), body).await
    }

    async fn echo(&self, world: &World, code: &str) -> Answer {
        self.post(world, "confirm", &json!({ "code": code })).await
    }

    async fn state(&self, world: &World) -> String {
        let shown = world.relay.get(&self.path, Some(&self.credential)).await.json();
        shown["state"].as_str().unwrap().to_owned()
    }

    async fn subscribe(&self, world: &World, sender: &str) -> String {
        let subscription = World::subscription_id();
        let request = json!({"subscription": subscription, "sender": sender});
        assert_eq!(self.post(world, "subscriptions", &request).await.status, 201);
        subscription
    }
}

const WRONG: &str = "AAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn a_registration_is_pending_until_its_device_echoes_the_code() {
    let world = world().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = pending(&world).await;
    let subscription = phone.subscribe(&world, &sender.id).await;
    let notification = json!({"targets": [{"subscription": subscription}]});
    let refused = world.outcome(&sender, notification.clone()).await;
    assert_eq!(
        (&refused["outcome"], &refused["reason"]),
        (&"rejected".into(), &"registration_pending".into())
    );

    let echoed = phone.echo(&world, &world.code(&phone.token, 0).await).await;

    assert_eq!(echoed.status, 204, "{echoed:?}");
    assert_eq!(phone.state(&world).await, "active");
    assert_eq!(world.outcome(&sender, notification).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test]
async fn the_code_comes_as_a_message_that_shows_nothing() {
    let world = world().await;
    let iphone = pending(&world).await;
    let android = register(&world, fcm(&world.simulator.fcm_device(PROJECT))).await;
    let codes = [world.code(&iphone.token, 0).await, world.code(&android.token, 0).await];

    let [apple, google] = [&iphone, &android].map(|phone| world.simulator.inbox(&phone.token).remove(0));

    assert_eq!(apple.body, json!({"aps": {"content-available": 1}, "confirm": codes[0]}));
    assert_eq!(apple.headers["apns-push-type"], "background");
    assert_eq!(google.body["data"], json!({"confirm": codes[1]}));
    assert_eq!(google.body["android"]["priority"], "high");
    world.end().await;
}

#[tokio::test]
async fn a_code_that_was_taken_is_no_accepted_notification() {
    let world = world().await;
    let phone = pending(&world).await;
    world.code(&phone.token, 0).await;

    let shown = world.relay.get(&phone.path, Some(&phone.credential)).await.json();

    assert_eq!(shown["accepted_day"], Value::Null);
    let metrics = world.operator.get("/metrics", None).await.text;
    assert!(!metrics.contains("sealpush_outcomes_total{"), "a code is no sender's: {metrics}");
    world.end().await;
}

#[tokio::test]
async fn five_wrong_echoes_use_a_code_up() {
    let world = world().await;
    let phone = pending(&world).await;
    let code = world.code(&phone.token, 0).await;
    for _ in 0..5 {
        assert_eq!(phone.echo(&world, WRONG).await.code(), "wrong_code");
    }
    assert_eq!(phone.echo(&world, &code).await.code(), "no_code");
    assert_eq!(phone.echo(&world, "short").await.code(), "invalid_code");
    assert_eq!(phone.state(&world).await, "pending");
    world.end().await;
}

/// A world whose time the test moves, where tokens are proved.
async fn at_a_standstill() -> (World, std::sync::Arc<ManualClock>) {
    let (builder, clock) = World::builder().app("confirm = \"required\"").at_a_standstill();
    (builder.start().await, clock)
}

#[tokio::test]
async fn a_code_counts_for_a_quarter_of_an_hour() {
    let (world, clock) = at_a_standstill().await;
    let phone = pending(&world).await;
    let code = world.code(&phone.token, 0).await;
    clock.advance(Duration::from_mins(15) + Duration::from_millis(1));
    assert_eq!(phone.echo(&world, &code).await.code(), "no_code");
    world.end().await;
}

#[tokio::test]
async fn a_token_gets_one_code_an_hour_which_all_its_registrations_may_echo() {
    let (world, clock) = at_a_standstill().await;
    let first = pending(&world).await;
    let code = world.code(&first.token, 0).await;
    let second = register(&world, apns(&first.token)).await;
    let asked = second.post(&world, "code", &json!({})).await;
    assert_eq!((asked.status.as_u16(), asked.code().as_str()), (429, "code_too_soon"));
    assert_eq!(asked.headers["retry-after"], "3600");
    assert_eq!(second.echo(&world, &code).await.status, 204);
    assert_eq!(first.state(&world).await, "pending");

    clock.advance(Duration::from_hours(1));

    let asked = first.post(&world, "code", &json!({})).await;
    assert_eq!((asked.status.as_u16(), &asked.json()["state"]), (202, &Value::from("pending")));
    assert_eq!(first.echo(&world, &world.code(&first.token, 1).await).await.status, 204);
    assert_eq!(first.post(&world, "code", &json!({})).await.status, 200);
    assert_eq!(world.simulator.inbox(&first.token).len(), 2);
    world.end().await;
}

#[tokio::test]
async fn a_new_token_needs_a_proof_of_its_own_and_the_same_one_does_not() {
    let world = world().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.iphone(&sender, false).await;
    let path = format!("/v1/registrations/{}", phone.registration);
    let new = world.simulator.apns_device(TOPIC, Environment::Production);
    for (token, outcome) in [(&phone.token, "accepted"), (&new, "rejected")] {
        let body = json!({"device_token": token, "environment": "production"});
        let replaced = world.relay.call(Method::PUT, &path, Some(&phone.credential), Some(&body)).await;
        assert_eq!(replaced.status, 204, "{replaced:?}");
        assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], outcome);
    }
    let code = json!({"code": world.code(&new, 0).await});
    let echoed = world.relay.post(&format!("{path}/confirm"), Some(&phone.credential), &code).await;
    assert_eq!(echoed.status, 204, "{echoed:?}");
    assert_eq!(world.outcome(&sender, to(&[&phone])).await["outcome"], "accepted");
    world.end().await;
}

/// Whoever proved a device of its own lets notifications wait, and gives the registration a stranger's token then.
#[tokio::test]
async fn what_waits_is_not_sent_to_a_token_that_nobody_proved() {
    let (world, clock) = at_a_standstill().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::fcm(FcmFailure::DeviceQuotaExceeded), 1);
    let id = world.notification_id();
    let waits = with(to(&[&phone]), json!({"id": id, "wait": false}));
    assert_eq!(world.notify(&sender, waits).await.status, 202);
    World::until("the push service was asked", async || world.attempts(&phone).len() == 2).await;
    let stranger = world.simulator.fcm_device(PROJECT);
    let (path, body) =
        (format!("/v1/registrations/{}", phone.registration), json!({"device_token": stranger}));
    let replaced = world.relay.call(Method::PUT, &path, Some(&phone.credential), Some(&body)).await;
    assert_eq!(replaced.status, 204, "{replaced:?}");

    clock.advance(Duration::from_hours(1));

    let target = world.decided(&sender, &id).await["targets"][0].clone();
    assert_eq!((&target["outcome"], &target["reason"]), (&"rejected".into(), &"registration_pending".into()));
    assert!(world.simulator.inbox(&stranger).iter().all(|push| !push.body["data"]["confirm"].is_null()));
    world.end().await;
}

#[tokio::test]
async fn nobody_confirms_with_the_code_of_another_token_or_anothers_credential() {
    let world = world().await;
    let (mine, theirs) = (pending(&world).await, pending(&world).await);
    let code = world.code(&theirs.token, 0).await;
    assert_eq!(mine.echo(&world, &code).await.code(), "wrong_code");
    let path = format!("{}/confirm", theirs.path);
    let stolen = world.relay.post(&path, Some(&mine.credential), &json!({ "code": code })).await;
    assert_eq!(stolen.code(), "credential_invalid");
    assert_eq!(theirs.state(&world).await, "pending");
    world.end().await;
}
