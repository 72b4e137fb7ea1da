//! The control API.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use push_simulator::{Environment, SimulatorConfig};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::stage::{Stage, TOPIC, refused, success};

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
async fn what_is_not_understood_is_explained() {
    let stage = stage().await;
    for (method, path, body, status) in [
        ("POST", "/devices", "{}", 400),
        ("POST", "/devices", r#"{"push_service": "apns", "topic": "x"}"#, 400),
        ("POST", "/rules", r#"{"target": "apns", "effect": "sing"}"#, 400),
        ("POST", "/goaway", "nonsense", 400),
        ("GET", "/devices/unknown/pushes", "", 404),
        ("DELETE", "/devices/unknown", "", 404),
        ("GET", "/nothing", "", 404),
    ] {
        let (answered, error) = call(&stage, method, path, body).await;
        assert_eq!((answered, error["error"].is_string()), (status, true), "{method} {path} {body}");
    }
}
