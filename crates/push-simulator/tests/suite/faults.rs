//! Scripted answers and faults.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use push_simulator::{Effect, Environment, Rule, RuleTarget};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::client::Client;
use crate::support::fcm_stage::FcmStage;
use crate::support::stage::{Stage, TOPIC, refused, success};

fn everything(effect: Effect) -> Rule {
    Rule::new(RuleTarget::Everything, effect).times(1)
}

#[tokio::test]
async fn a_scripted_refusal_holds_for_its_count_and_is_not_delivered() {
    let stage = Stage::production().await;
    let refusal = Effect::ApnsRefusal { status: 410, reason: "Unregistered".to_owned(), timestamp: Some(42) };
    stage.simulator.script(Rule::new(RuleTarget::Device(stage.token.clone()), refusal).times(2));

    let first = stage.send(&stage.push()).await;
    let second = stage.send(&stage.push()).await;
    let third = stage.send(&stage.push()).await;

    assert_eq!((first.status, second.status, third.status), (410, 410, 200));
    assert_eq!(first.json(), json!({"reason": "Unregistered", "timestamp": 42}));
    assert_eq!(stage.simulator.inbox(&stage.token).len(), 1);
    assert!(stage.simulator.rules().is_empty());
}

#[tokio::test]
async fn a_rule_without_a_count_holds_until_the_script_is_cleared() {
    let stage = Stage::production().await;
    stage.simulator.script(Rule::new(RuleTarget::Apns, Effect::apns(503, "ServiceUnavailable")));
    for _ in 0..3 {
        assert_eq!(stage.refusal(&stage.push()).await, refused(503, "ServiceUnavailable"));
    }
    stage.simulator.clear_script();
    assert_eq!(stage.refusal(&stage.push()).await, success());
}

#[tokio::test]
async fn rules_are_about_a_device_a_topic_or_a_bundle_id() {
    let stage = Stage::production().await;
    let other = stage.simulator.apns_device("com.example.other", Environment::Production);
    let to_other = stage.push().path(&format!("/3/device/{other}")).with("apns-topic", "com.example.other");
    let voip = stage.simulator.voip_device(TOPIC, Environment::Production);
    let to_voip =
        stage.push().path(&format!("/3/device/{voip}")).with("apns-topic", &format!("{TOPIC}.voip"));
    let to_voip = to_voip.with("apns-push-type", "voip");
    let standard = stage.push();
    let busy = Effect::apns(429, "TooManyRequests");
    for (target, expected) in [
        (RuleTarget::Device(stage.token.to_uppercase()), [200, 200, 200]),
        (RuleTarget::Device(stage.token.clone()), [429, 200, 200]),
        (RuleTarget::Topic(TOPIC.to_owned()), [429, 200, 429]),
        (RuleTarget::Topic(format!("{TOPIC}.voip")), [200, 200, 429]),
        (RuleTarget::Fcm, [200, 200, 200]),
    ] {
        stage.simulator.clear_script();
        stage.simulator.script(Rule::new(target.clone(), busy.clone()));
        for (push, status) in [&standard, &to_other, &to_voip].into_iter().zip(expected) {
            assert_eq!(stage.send(push).await.status, status, "{target:?}");
        }
    }
}

#[tokio::test]
async fn an_invalid_request_is_told_its_own_fault_and_uses_up_no_answer() {
    let stage = Stage::production().await;
    stage.simulator.script(everything(Effect::apns(500, "InternalServerError")));
    let invalid = stage.push().with("apns-priority", "7");
    assert_eq!(stage.refusal(&invalid).await, refused(400, "BadPriority"));
    assert_eq!(stage.refusal(&stage.push()).await, refused(500, "InternalServerError"));
}

#[tokio::test]
async fn any_answer_can_be_scripted() {
    let stage = Stage::production().await;
    let headers = BTreeMap::from([("retry-after".to_owned(), "30".to_owned())]);
    let effect = Effect::Answer { status: 429, headers, body: "\u{0}garbage{".to_owned() };
    stage.simulator.script(everything(effect));

    let answer = stage.send(&stage.push()).await;

    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("30")));
    assert_eq!(&answer.body[..], b"\0garbage{");
}

#[tokio::test]
async fn a_delay_holds_the_answer_and_not_the_push() {
    let stage = Stage::production().await;
    stage.simulator.script(everything(Effect::Delay { millis: 40 }));
    let before = Instant::now();

    let (answer, push) = tokio::join!(
        async { (stage.send(&stage.push()).await.status, before.elapsed()) },
        stage.simulator.next_push(&stage.token, 0, Duration::from_secs(5)),
    );

    assert_eq!((answer.0, push.unwrap().number), (200, 1));
    assert!(answer.1 >= Duration::from_millis(40));
}

#[tokio::test]
async fn silence_is_recorded_and_never_answered() {
    let stage = Stage::production().await;
    stage.simulator.script(everything(Effect::Silence));
    let client = stage.client.clone();
    let request = stage.push().request();
    let waiting = tokio::spawn(async move { client.send(request).await.is_ok() });

    while stage.simulator.records().is_empty() {
        tokio::task::yield_now().await;
    }

    assert_eq!((stage.simulator.records()[0].status(), waiting.is_finished()), (None, false));
    assert!(stage.simulator.inbox(&stage.token).is_empty());
    waiting.abort();
}

#[tokio::test]
async fn a_break_before_leaves_no_trace() {
    let stage = Stage::production().await;
    stage.simulator.script(everything(Effect::BreakBefore));

    assert!(stage.client.send(stage.push().request()).await.is_err());

    assert!(stage.simulator.records().is_empty());
    assert!(stage.simulator.inbox(&stage.token).is_empty());
}

#[tokio::test]
async fn a_break_after_loses_only_the_answer() {
    let stage = Stage::production().await;
    stage.simulator.script(everything(Effect::BreakAfter));

    assert!(stage.client.send(stage.push().request()).await.is_err());

    let records = stage.simulator.records();
    assert_eq!((records.len(), records[0].status(), records[0].answer_lost), (1, Some(200), true));
    let broken = stage.simulator.broken_connections();
    assert_eq!((broken.len(), broken[0].connection), (1, records[0].connection));
    assert_eq!(stage.simulator.inbox(&stage.token).len(), 1);
}

#[tokio::test]
async fn a_broken_handshake_costs_one_new_connection_and_no_old_one() {
    let stage = Stage::production().await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    stage.simulator.script(Rule::new(RuleTarget::Apns, Effect::BreakHandshake).times(1));
    let address = stage.simulator.apns(Environment::Production).url().strip_prefix("https://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();

    assert!(heard.starts_with(b"220 "), "{heard:?}");
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    let again = Client::http2(stage.simulator.apns(Environment::Production).url(), stage.simulator.ca_pem());
    assert_eq!(again.await.send(stage.push().request()).await.unwrap().status, 200);
}

#[tokio::test]
async fn records_that_were_taken_are_gone_and_the_inbox_stays() {
    let stage = Stage::production().await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);

    assert_eq!((stage.simulator.take_records().len(), stage.simulator.take_records().len()), (1, 0));

    assert_eq!(stage.simulator.inbox(&stage.token).len(), 1);
}

#[tokio::test]
async fn a_refused_stream_leaves_the_connection_as_it_was() {
    let stage = Stage::production().await;
    stage.simulator.script(everything(Effect::RefuseStream));

    let error = stage.client.send(stage.push().request()).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<h2::Error>().unwrap();

    assert_eq!(source.reason(), Some(h2::Reason::REFUSED_STREAM));
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    assert_eq!(stage.simulator.records().len(), 1);
}

#[tokio::test]
async fn over_http_1_1_a_goodbye_closes_behind_the_answer() {
    let stage = FcmStage::new().await;
    let client = Client::http1(stage.simulator.fcm_url(), stage.simulator.ca_pem()).await;
    stage.simulator.script(everything(Effect::GoAway { reason: None, answered: true }));
    let body = json!({"message": {"token": stage.token}}).to_string();

    let answer = client.send(stage.request(body.clone())).await.unwrap();

    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert!(client.send(stage.request(body)).await.is_err());
}

#[tokio::test]
async fn over_http_1_1_a_connection_breaks_with_and_without_a_trace() {
    let stage = FcmStage::new().await;
    let body = json!({"message": {"token": stage.token}}).to_string();
    for (effect, records) in [(Effect::BreakBefore, 0), (Effect::RefuseStream, 0), (Effect::BreakAfter, 1)] {
        let client = Client::http1(stage.simulator.fcm_url(), stage.simulator.ca_pem()).await;
        stage.simulator.script(everything(effect));
        assert!(client.send(stage.request(body.clone())).await.is_err());
        assert_eq!(stage.simulator.records().len(), records);
    }
}

#[test]
fn a_rule_has_one_spelling_in_json() {
    let json = json!({"target": {"device": "abc"}, "times": 1,
        "effect": {"fcm_failure": {"failure": "quota_exceeded", "retry_after": "60"}}});
    let rule: Rule = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(rule).unwrap(), json);
    let silence: Rule = serde_json::from_value(json!({"target": "apns", "effect": "silence"})).unwrap();
    assert_eq!(silence, Rule::new(RuleTarget::Apns, Effect::Silence));
}

#[test]
fn the_rule_in_the_readme_is_one() {
    let readme = include_str!("../../README.md");
    let (_, behind) = readme.split_once("```json").unwrap();
    let (example, _) = behind.split_once("```").unwrap();
    let rule: Rule = serde_json::from_str(example).unwrap();
    assert_eq!(rule.times, Some(1));
}
