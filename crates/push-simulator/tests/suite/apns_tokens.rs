//! Device tokens, paths and methods; what an accepted push leads to.

use http::Method;
use push_simulator::{Environment, SimulatorConfig};
use serde_json::json;

use crate::support::stage::{START, Stage, TOPIC, refused};

#[tokio::test]
async fn an_accepted_push_is_200_without_a_body_and_reaches_the_phone() {
    let stage = Stage::production().await;
    let push = stage.push().payload(&json!({"aps": {"alert": "hi", "mutable-content": 1}, "seal": "abc"}));

    let answer = stage.send(&push).await;

    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let inbox = stage.simulator.inbox(&stage.token);
    assert_eq!((inbox.len(), inbox[0].number, inbox[0].at_ms), (1, 1, START * 1000));
    assert_eq!(inbox[0].body["seal"], "abc");
    assert_eq!(inbox[0].headers["apns-topic"], TOPIC);
    assert!(!inbox[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn an_apns_id_is_echoed_and_made_where_it_is_absent() {
    let stage = Stage::production().await;
    let id = "0f8fad5b-d9cb-469f-a165-70867728950e";

    let given = stage.send(&stage.push().with("apns-id", id)).await;
    let absent = stage.send(&stage.push()).await;

    assert_eq!(given.header("apns-id"), Some(id));
    assert_eq!(absent.header("apns-id").unwrap().len(), 36);
    assert_eq!(stage.simulator.inbox(&stage.token)[1].headers["apns-id"], absent.header("apns-id").unwrap());
}

#[tokio::test]
async fn the_unique_id_comes_from_the_sandbox_alone() {
    let production = Stage::production().await;
    let sandbox = Stage::new(Environment::Sandbox, SimulatorConfig::default()).await;

    let without = production.send(&production.push()).await;
    let with = sandbox.send(&sandbox.push()).await;

    assert_eq!(without.header("apns-unique-id"), None);
    assert_eq!(with.header("apns-unique-id").unwrap().len(), 36);
}

#[tokio::test]
async fn a_malformed_device_token_is_bad() {
    let stage = Stage::production().await;
    for token in ["abc", "xyz0", "é0", "00%2F00", "0000"] {
        let push = stage.push().path(&format!("/3/device/{}", token.replace('é', "%C3%A9")));
        assert_eq!(stage.refusal(&push).await, refused(400, "BadDeviceToken"), "{token}");
    }
}

#[tokio::test]
async fn a_token_of_the_other_environment_is_bad() {
    let stage = Stage::production().await;
    let other = stage.simulator.apns_device(TOPIC, Environment::Sandbox);

    let refusal = stage.refusal(&stage.push().path(&format!("/3/device/{other}"))).await;

    assert_eq!(refusal, refused(400, "BadDeviceToken"));
    assert!(stage.simulator.inbox(&other).is_empty());
}

#[tokio::test]
async fn a_device_token_is_read_in_either_case() {
    let stage = Stage::production().await;
    let push = stage.push().path(&format!("/3/device/{}", stage.token.to_uppercase()));

    assert_eq!(stage.send(&push).await.status, 200);
    assert_eq!(stage.simulator.inbox(&stage.token).len(), 1);
}

#[tokio::test]
async fn a_token_of_another_app_is_not_for_the_topic() {
    let stage = Stage::production().await;
    let other = stage.simulator.apns_device("com.example.other", Environment::Production);

    let refusal = stage.refusal(&stage.push().path(&format!("/3/device/{other}"))).await;

    assert_eq!(refusal, refused(400, "DeviceTokenNotForTopic"));
}

#[tokio::test]
async fn a_dead_token_is_gone_with_the_time_of_its_death() {
    let stage = Stage::production().await;
    let replaced = stage.simulator.apns_device(TOPIC, Environment::Production);
    stage.simulator.unregister(&stage.token, 1_700_000_000_123);
    stage.simulator.expire_token(&replaced, 1_700_000_000_456);

    let unregistered = stage.send(&stage.push()).await;
    let expired = stage.send(&stage.push().path(&format!("/3/device/{replaced}"))).await;

    assert_eq!((unregistered.status, expired.status), (410, 410));
    assert_eq!(unregistered.json(), json!({"reason": "Unregistered", "timestamp": 1_700_000_000_123_u64}));
    assert_eq!(expired.json(), json!({"reason": "ExpiredToken", "timestamp": 1_700_000_000_456_u64}));
}

#[tokio::test]
async fn wrong_paths_and_methods_are_named() {
    let stage = Stage::production().await;
    let path = |path: &str| stage.push().path(path);
    let mut get = stage.push();
    get.method = Method::GET;

    assert_eq!(stage.refusal(&path("/3/device/")).await, refused(400, "MissingDeviceToken"));
    assert_eq!(stage.refusal(&path("/4/device/00")).await, refused(404, "BadPath"));
    assert_eq!(stage.refusal(&path("/3/device/00/more")).await, refused(404, "BadPath"));
    assert_eq!(stage.refusal(&get).await, refused(405, "MethodNotAllowed"));
}
