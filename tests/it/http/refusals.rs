//! 422: what is well-formed and not allowed, each with its code and its place.

use serde_json::{Value, json};

use crate::support::{Device, Sender, World, apns, fcm};

/// The status, the code and the pointer of a refusal.
async fn refused(world: &World, path: &str, bearer: Option<&str>, request: &Value) -> (u16, String, String) {
    let answer = world.relay.post(path, bearer, request).await;
    let pointer = answer.json()["pointer"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), answer.code(), pointer)
}

fn expected(code: &str, pointer: &str) -> (u16, String, String) {
    (422, code.to_owned(), pointer.to_owned())
}

/// `request` with one member replaced, or left out where the value is null. The path is a JSON pointer.
fn changed(request: &Value, pointer: &str, value: Value) -> Value {
    let mut request = request.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = request.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        _ if value.is_null() => drop(parent.as_object_mut().unwrap().remove(name)),
        _ => parent[name] = value,
    }
    request
}

async fn stage() -> (World, Sender, Device) {
    let world = World::builder().app("badge = true").app("sound = true").start().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.android(&sender, false).await;
    (world, sender, phone)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_member_of_a_notification_is_named_with_its_place() {
    let (world, sender, phone) = stage().await;
    let good = json!({"id": world.notification_id(), "targets": [{"subscription": phone.subscription}]});
    let long = "x".repeat(65);
    let content = |content: Value| changed(&good, "/content", content);
    for (request, code, pointer) in [
        (changed(&good, "/id", json!("x")), "invalid_id", "/id"),
        (changed(&good, "/id", json!(World::subscription_id())), "invalid_id", "/id"),
        (changed(&good, "/id", Value::Null), "invalid_request", ""),
        (changed(&good, "/more", json!(1)), "invalid_request", "/more"),
        (changed(&good, "/targets/0/more", json!(1)), "invalid_request", "/targets/0/more"),
        (changed(&good, "/targets", json!([])), "target_count", "/targets"),
        (changed(&good, "/targets/0/subscription", json!("x")), "invalid_id", "/targets/0/subscription"),
        (changed(&good, "/urgency", json!("urgent")), "invalid_request", "/urgency"),
        (changed(&good, "/kind", json!("silent")), "invalid_request", "/kind"),
        (changed(&good, "/wait", json!("yes")), "invalid_request", "/wait"),
        (changed(&good, "/ttl", json!(2_419_201)), "ttl_out_of_range", "/ttl"),
        (changed(&good, "/ttl", json!(-1)), "invalid_request", "/ttl"),
        (changed(&good, "/collapse_key", json!("")), "invalid_option", "/collapse_key"),
        (changed(&good, "/collapse_key", json!(long)), "invalid_option", "/collapse_key"),
        (changed(&good, "/targets/0/reference", json!(long)), "invalid_option", "/targets/0/reference"),
        (changed(&good, "/targets/0/reference", json!("")), "invalid_option", "/targets/0/reference"),
        (changed(&good, "/targets/0/badge", json!(-1)), "invalid_request", "/targets/0/badge"),
        (changed(&good, "/targets/0/sound", json!(long)), "invalid_option", "/targets/0/sound"),
        (content(json!({"title": "t"})), "invalid_content", "/content"),
        (content(json!({"title": "t", "body": "b", "more": 1})), "invalid_content", "/content"),
        (content(json!({"title": "t", "body": "b", "data": []})), "invalid_content", "/content"),
        (content(json!({"title": "t", "body": "x".repeat(2_613)})), "content_too_large", "/content"),
    ] {
        let seen = refused(&world, "/v1/notifications", Some(&sender.credential), &request).await;
        assert_eq!(seen, expected(code, pointer), "{request}");
    }
    assert!(world.simulator.records().is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_that_cannot_be_one_is_refused_and_its_version_and_suite_are_named() {
    let (world, sender, phone) = stage().await;
    let envelope = phone.seal(b"{}", &sealpush_seal::IdentityKey::generate(&mut rng())).to_base64url();
    let mut bytes = sealpush_seal::base64url::decode(&envelope).unwrap();
    let mut with_byte = |at: usize, value: u8| {
        let old = std::mem::replace(&mut bytes[at], value);
        let text = sealpush_seal::base64url::encode(&bytes);
        bytes[at] = old;
        text
    };
    for (envelope, said) in [
        (with_byte(0, 9), "9"),
        (with_byte(1, 7), "7"),
        (format!("{envelope}=="), "base64url"),
        (envelope[..envelope.len() - 4].to_owned(), ""),
        (String::new(), ""),
    ] {
        let targets = json!([{"subscription": phone.subscription, "envelope": envelope}]);
        let request = json!({"id": world.notification_id(), "targets": targets});
        let answer = world.relay.post("/v1/notifications", Some(&sender.credential), &request).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "invalid_envelope"));
        assert_eq!(answer.json()["pointer"], "/targets/0/envelope");
        assert!(answer.json()["detail"].as_str().unwrap().contains(said), "{said}: {answer:?}");
    }
    world.end().await;
}

fn rng() -> sealpush::base::EntropyRng<'static> {
    sealpush::base::EntropyRng(&sealpush::base::OsEntropy)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_beside_an_envelope_is_refused() {
    let (world, sender, phone) = stage().await;
    let envelope = phone.seal(b"{}", &sealpush_seal::IdentityKey::generate(&mut rng())).to_base64url();
    let targets = json!([{"subscription": phone.subscription, "envelope": envelope, "reference": "r"}]);
    let request = json!({"id": world.notification_id(), "targets": targets});
    let seen = refused(&world, "/v1/notifications", Some(&sender.credential), &request).await;
    assert_eq!(seen, expected("reference_beside_envelope", "/targets/0/reference"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_has_at_most_as_many_targets_as_the_relay_says() {
    let world = World::builder().config("limits", "targets = 2").start().await;
    let sender = world.sender("sealed_only").await;
    let targets: Vec<Value> = (0..3).map(|_| json!({"subscription": World::subscription_id()})).collect();
    let request = json!({"id": world.notification_id(), "targets": targets});
    let seen = refused(&world, "/v1/notifications", Some(&sender.credential), &request).await;
    assert_eq!(seen, expected("target_count", "/targets"));
    assert_eq!(world.relay.get("/v1/relay", None).await.json()["limits"]["targets"], 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_member_of_a_registration_is_named_with_its_place() {
    let (world, _, phone) = stage().await;
    let (android, iphone) = (fcm(&phone.token), apns(&"ab".repeat(32)));
    for (request, code, pointer) in [
        (changed(&android, "/app", json!("other")), "unknown_app", "/app"),
        (changed(&android, "/push_service", json!("webpush")), "unknown_value", "/push_service"),
        (changed(&android, "/device_token", json!("a b")), "invalid_device_token", "/device_token"),
        (changed(&iphone, "/device_token", json!("xyz")), "invalid_device_token", "/device_token"),
        (changed(&iphone, "/environment", Value::Null), "environment_mismatch", "/environment"),
        (changed(&iphone, "/environment", json!("test")), "unknown_value", "/environment"),
        (changed(&android, "/environment", json!("sandbox")), "environment_mismatch", "/environment"),
        (changed(&android, "/token_kind", json!("voip")), "token_kind_mismatch", "/token_kind"),
        (changed(&iphone, "/token_kind", json!("other")), "unknown_value", "/token_kind"),
        (
            changed(&android, "/registration", json!(World::subscription_id())),
            "secret_hash_missing",
            "/secret_hash",
        ),
        (changed(&android, "/created_at", json!("yesterday")), "invalid_time", "/created_at"),
        (changed(&android, "/more", json!(1)), "invalid_request", "/more"),
    ] {
        let seen = refused(&world, "/v1/registrations", None, &request).await;
        assert_eq!(seen, expected(code, pointer), "{request}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_too_old_or_ahead_is_told_the_relays_time() {
    let (world, clock) = World::at_a_standstill().await;
    let now = sealpush::base::Clock::now(&*clock);
    let at = |seconds: i64| {
        let at = sealpush::base::UnixMillis((now.unix_seconds() + seconds) * 1000).to_string();
        format!("{}Z", &at[..19])
    };
    let registration = fcm(&world.simulator.fcm_device("chat-project"));
    for (created_at, is_taken) in
        [(at(-86_399), true), (at(299), true), (at(-86_402), false), (at(302), false)]
    {
        let request = changed(&registration, "/created_at", json!(created_at));
        let answer = world.relay.post("/v1/registrations", None, &request).await;
        assert_eq!(answer.status.as_u16(), if is_taken { 201 } else { 422 }, "{created_at}: {answer:?}");
        if !is_taken {
            assert_eq!(answer.code(), "created_at_out_of_window");
            assert_eq!(answer.json()["relay_time"], now.to_string());
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_member_of_a_subscription_is_named_with_its_place() {
    let (world, sender, phone) = stage().await;
    let path = format!("/v1/registrations/{}/subscriptions", phone.registration);
    let good = json!({"subscription": World::subscription_id(), "sender": sender.id});
    let low_order = sealpush_seal::base64url::encode(&[0; 32]);
    for (request, code, pointer) in [
        (changed(&good, "/subscription", json!(world.notification_id())), "invalid_id", "/subscription"),
        (changed(&good, "/subscription", json!("x")), "invalid_id", "/subscription"),
        (changed(&good, "/sender", json!(World::subscription_id())), "unknown_sender", "/sender"),
        (changed(&good, "/subscription_key", json!("AA")), "invalid_subscription_key", "/subscription_key"),
        (
            changed(&good, "/subscription_key", json!(low_order)),
            "invalid_subscription_key",
            "/subscription_key",
        ),
        (changed(&good, "/more", json!(1)), "invalid_request", "/more"),
    ] {
        let seen = refused(&world, &path, Some(&phone.credential), &request).await;
        assert_eq!(seen, expected(code, pointer), "{request}");
    }
    world.end().await;
}
