//! The control API.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use push_simulator::{APNS_REFUSALS, ApnsTeam, Environment, FcmFailure, OauthFailure, SimulatorConfig};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::signing::provider_token;
use crate::support::stage::{START, Stage, TOPIC, refused, success};

async fn stage() -> Stage {
    Stage::new(Environment::Production, SimulatorConfig { control: true, ..SimulatorConfig::default() }).await
}

/// One request to the control API on a connection of its own.
async fn call(stage: &Stage, method: &str, path: &str, body: &str) -> (u16, Value) {
    let authority = stage.simulator.control_url().unwrap().strip_prefix("http://").unwrap();
    let io = TokioIo::new(TcpStream::connect(authority).await.unwrap());
    let (mut sender, connection) = http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path).header("host", authority);
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn info_says_all_that_a_client_needs() {
    let stage = stage().await;

    let (status, info) = call(&stage, "GET", "/info?project=example", "").await;

    assert_eq!(
        (status, info["apns"]["production"].as_str()),
        (200, Some(stage.simulator.apns(Environment::Production).url()))
    );
    assert_eq!(info["ca_pem"], stage.simulator.ca_pem());
    assert_eq!(info["apns_team"]["team_id"], stage.simulator.apns_team().team_id);
    assert!(info["service_account"].as_str().unwrap().contains("push@example.iam"));
}

#[tokio::test]
async fn a_device_is_made_is_pushed_to_and_leaves() {
    let stage = stage().await;
    let body = json!({"push_service": "apns", "topic": TOPIC, "environment": "production"}).to_string();
    let (status, device) = call(&stage, "POST", "/devices", &body).await;
    let token = device["token"].as_str().unwrap();
    let push = stage.push().path(&format!("/3/device/{token}"));

    assert_eq!((status, stage.refusal(&push).await), (201, success()));
    let (_, pushes) = call(&stage, "GET", &format!("/devices/{token}/pushes?after=0"), "").await;
    assert_eq!(pushes["pushes"][0]["headers"]["apns-topic"], TOPIC);
    assert_eq!(call(&stage, "DELETE", &format!("/devices/{token}?at_ms=7"), "").await.0, 200);
    assert_eq!(stage.send(&push).await.json(), json!({"reason": "Unregistered", "timestamp": 7}));
}

#[tokio::test]
async fn devices_of_every_kind_can_be_made() {
    let stage = stage().await;
    for body in [
        json!({"push_service": "apns", "topic": TOPIC, "environment": "sandbox", "token_kind": "voip"}),
        json!({"push_service": "fcm", "project": "example"}),
    ] {
        assert_eq!(call(&stage, "POST", "/devices", &body.to_string()).await.0, 201);
    }
}

#[tokio::test]
async fn a_long_poll_ends_with_the_push() {
    let stage = stage().await;
    let path = format!("/devices/{}/pushes?after=0&wait=30", stage.token);

    let push = stage.push();
    let ((_, pushes), _answer) = tokio::join!(call(&stage, "GET", &path, ""), stage.send(&push));

    assert_eq!(pushes["pushes"][0]["number"], 1);
}

#[tokio::test]
async fn rules_are_added_listed_and_cleared() {
    let stage = stage().await;
    let rule = json!({"target": "apns", "effect": {"apns_refusal": {"status": 503, "reason": "Shutdown"}}});

    assert_eq!(call(&stage, "POST", "/rules", &rule.to_string()).await.0, 200);
    assert_eq!(call(&stage, "GET", "/rules", "").await.1, json!({ "rules": [rule] }));
    assert_eq!(stage.refusal(&stage.push()).await, refused(503, "Shutdown"));
    assert_eq!(call(&stage, "DELETE", "/rules", "").await.0, 200);
    assert_eq!(stage.refusal(&stage.push()).await, success());
}

#[tokio::test]
async fn records_are_read_and_cleared() {
    let stage = stage().await;
    stage.send(&stage.push()).await;

    let (_, records) = call(&stage, "GET", "/records", "").await;

    assert_eq!(records["records"][0]["answer"]["status"], 200);
    assert_eq!(call(&stage, "DELETE", "/records", "").await.0, 200);
    assert!(stage.simulator.records().is_empty());
}

#[tokio::test]
async fn a_goodbye_can_be_asked_for_with_and_without_a_reason() {
    let stage = stage().await;
    assert_eq!(call(&stage, "POST", "/goaway", "").await.0, 200);
    assert_eq!(call(&stage, "POST", "/goaway", r#"{"reason": "IdleTimeout"}"#).await.0, 200);
}

#[tokio::test]
async fn a_key_is_made_is_limited_and_is_revoked() {
    let stage = stage().await;
    let (status, key) = call(&stage, "POST", "/keys", r#"{"environment": "sandbox"}"#).await;
    let key: ApnsTeam = serde_json::from_value(key).unwrap();
    let push = stage.push().with("authorization", &format!("bearer {}", provider_token(&key, START)));

    assert_eq!((status, key.team_id.as_str()), (201, stage.simulator.apns_team().team_id.as_str()));
    assert_eq!(stage.refusal(&push).await, refused(403, "BadEnvironmentKeyInToken"));
    assert_eq!(call(&stage, "DELETE", &format!("/keys/{}", key.key_id), "").await.0, 200);
    assert_eq!(stage.refusal(&push).await, refused(403, "InvalidProviderToken"));
}

#[tokio::test]
async fn a_topic_is_added_a_token_expires_and_access_tokens_end() {
    let stage = stage().await;
    assert_eq!(call(&stage, "POST", "/topics", r#"{"topic": "com.example.new"}"#).await.0, 200);
    let push = stage.push().with("apns-topic", "com.example.new");
    assert_eq!(stage.refusal(&push).await, refused(400, "DeviceTokenNotForTopic"));
    let path = format!("/devices/{}?at_ms=7&because=expired", stage.token);
    assert_eq!(call(&stage, "DELETE", &path, "").await.0, 200);
    assert_eq!(stage.send(&stage.push()).await.json(), json!({"reason": "ExpiredToken", "timestamp": 7}));
    assert_eq!(call(&stage, "DELETE", "/access_tokens", "").await.0, 200);
}

#[tokio::test]
async fn every_reason_is_listed_and_can_be_asked_for_as_listed() {
    let stage = stage().await;
    let (_, reasons) = call(&stage, "GET", "/reasons", "").await;
    let effects = |kind: &str, member: &str| -> Vec<Value> {
        let list = reasons[kind].as_array().unwrap().iter();
        list.map(|entry| if member.is_empty() { entry.clone() } else { json!({ member: entry }) }).collect()
    };
    for (kind, member) in [("apns_refusal", ""), ("fcm_failure", "failure"), ("oauth_failure", "failure")] {
        for effect in effects(kind, member) {
            let rule = json!({"target": "everything", "times": 1, "effect": {kind: effect}});
            assert_eq!(call(&stage, "POST", "/rules", &rule.to_string()).await.0, 200, "{rule}");
        }
    }
    let expected = APNS_REFUSALS.len() + FcmFailure::ALL.len() + OauthFailure::ALL.len();
    assert_eq!(stage.simulator.rules().len(), expected);
}

#[tokio::test]
async fn what_is_not_understood_is_explained() {
    let stage = stage().await;
    for (method, path, body, status) in [
        ("POST", "/devices", "{}", 400),
        ("POST", "/devices", r#"{"push_service": "apns", "topic": "x"}"#, 400),
        ("POST", "/rules", r#"{"target": "apns", "effect": "sing"}"#, 400),
        ("POST", "/goaway", "nonsense", 400),
        ("GET", "/devices/unknown/pushes", "", 404),
        ("DELETE", "/devices/unknown", "", 404),
        ("POST", "/keys", r#"{"environment": "moon"}"#, 400),
        ("DELETE", "/keys/AAAAAAAAAA", "", 404),
        ("POST", "/topics", "{}", 400),
        ("GET", "/nothing", "", 404),
    ] {
        let (answered, error) = call(&stage, method, path, body).await;
        assert_eq!((answered, error["error"].is_string()), (status, true), "{method} {path} {body}");
    }
}
