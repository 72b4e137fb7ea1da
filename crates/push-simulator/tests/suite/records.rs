//! What a simulator remembers.

use std::time::Duration;

use push_simulator::{Environment, Host, SimulatorConfig};
use serde_json::json;

use crate::support::fcm_stage::FcmStage;
use crate::support::stage::{START, Stage};

#[tokio::test]
async fn a_record_holds_the_whole_request_and_the_answer() {
    let stage = Stage::production().await;
    let push = stage.push().with("apns-priority", "7");

    stage.send(&push).await;

    let record = stage.simulator.records().remove(0);
    assert_eq!((record.host, record.at_ms), (Host::ApnsProduction, START * 1000));
    assert_eq!((record.version.as_str(), record.method.as_str()), ("HTTP/2.0", "POST"));
    assert_eq!(record.path, format!("/3/device/{}", stage.token));
    assert_eq!(record.header("apns-priority"), Some("7"));
    assert_eq!(record.body.as_bytes(), &push.body[..]);
    let answer = record.answer.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"reason":"BadPriority"}"#));
}

#[tokio::test]
async fn connections_are_numbered_over_all_hosts() {
    let mut stage = Stage::production().await;
    stage.send(&stage.push()).await;
    stage.send(&stage.push()).await;
    stage.reconnect(Environment::Sandbox).await;
    stage.send(&stage.push()).await;

    let records = stage.simulator.records();

    assert_eq!(records[0].connection, records[1].connection);
    assert_ne!(records[1].connection, records[2].connection);
    assert_eq!(records[2].host, Host::ApnsSandbox);
}

#[tokio::test]
async fn the_oldest_records_and_pushes_make_room_for_new_ones() {
    let stage = Stage::new(
        Environment::Production,
        SimulatorConfig { record_limit: 2, ..SimulatorConfig::default() },
    );
    let stage = stage.await;
    for _ in 0..3 {
        stage.send(&stage.push()).await;
    }

    let numbers: Vec<_> = stage.simulator.inbox(&stage.token).iter().map(|push| push.number).collect();

    assert_eq!((stage.simulator.records().len(), numbers), (2, vec![2, 3]));
}

#[tokio::test]
async fn cleared_records_are_gone_and_inboxes_stay() {
    let stage = Stage::production().await;
    stage.send(&stage.push()).await;
    stage.simulator.clear_records();
    assert!(stage.simulator.records().is_empty());
    assert_eq!(stage.simulator.inbox(&stage.token).len(), 1);
}

#[tokio::test]
async fn without_recording_accepted_pushes_are_only_counted() {
    let config = SimulatorConfig { record: false, ..SimulatorConfig::default() };
    let stage = Stage::new(Environment::Production, config).await;
    stage.send(&stage.push()).await;
    stage.send(&stage.push()).await;

    assert_eq!(stage.simulator.accepted(&stage.token), 2);
    assert!(stage.simulator.records().is_empty());
    assert!(stage.simulator.inbox(&stage.token).is_empty());
}

#[tokio::test]
async fn the_next_push_is_waited_for() {
    let stage = FcmStage::new().await;
    let ten_seconds = Duration::from_secs(10);

    let (push, _answer) = tokio::join!(
        stage.simulator.next_push(&stage.token, 0, ten_seconds),
        stage.send(json!({"data": {"seal": "abc"}})),
    );

    assert_eq!(push.unwrap().body["data"]["seal"], "abc");
    assert!(stage.simulator.next_push(&stage.token, 1, Duration::ZERO).await.is_none());
    assert!(stage.simulator.next_push("unknown", 0, ten_seconds).await.is_none());
}
