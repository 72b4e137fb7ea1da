//! What a phone gets is what the protocol's wire table says.

use sealpush::base::UnixMillis;
use sealpush::model::{AttemptOutcome, Badge, CollapseHash, Payload, PushService};
use serde_json::{Value, json};

use super::outbound::{Outbound, sealed};
use super::rig::{Rig, START};

/// Pushes, and returns what the phone got.
async fn received(rig: &Rig, outbound: &Outbound) -> push_simulator::Push {
    assert_eq!(rig.push(outbound).await, AttemptOutcome::Accepted);
    rig.simulator.inbox(outbound.token()).pop().unwrap()
}

fn omitted() -> Payload {
    Payload::Omitted { reference: Some("r-1".parse().unwrap()) }
}

#[tokio::test]
async fn each_kind_arrives_sealed_at_apns() {
    let rig = Rig::start().await;
    let shown = json!({"alert": "New notification", "mutable-content": 1});
    for (outbound, aps, push_type) in [
        (rig.outbound(PushService::Apns), shown, "alert"),
        (rig.outbound(PushService::Apns).background(), json!({"content-available": 1}), "background"),
        (rig.voip(), json!({}), "voip"),
    ] {
        let (payload, seal) = sealed();
        let push = received(&rig, &outbound.carrying(payload)).await;
        assert_eq!(push.body, json!({"aps": aps, "seal": seal}));
        assert_eq!(push.headers["apns-push-type"], push_type);
    }
}

#[tokio::test]
async fn each_kind_arrives_without_content_at_apns() {
    let rig = Rig::start().await;
    for outbound in
        [rig.outbound(PushService::Apns), rig.outbound(PushService::Apns).background(), rig.voip()]
    {
        let push = received(&rig, &outbound.carrying(omitted())).await;
        assert_eq!(push.body["form"], "omitted");
        assert_eq!(push.body["delivery"], push.headers["apns-id"].as_str());
        assert_eq!(push.body["reference"], "r-1");
    }
}

#[tokio::test]
async fn the_options_of_an_alert_arrive_at_apns() {
    let rig = Rig::start().await;
    let outbound = Outbound {
        deadline: UnixMillis(START.0 + 90_500),
        collapse: Some(CollapseHash([0xff; 24])),
        badge: Some(Badge(3)),
        sound: Some("ding.caf".parse().unwrap()),
        ..rig.outbound(PushService::Apns)
    };
    let push = received(&rig, &outbound).await;
    assert_eq!(push.headers["apns-expiration"], (START.unix_seconds() + 90).to_string());
    assert_eq!(push.headers["apns-collapse-id"], "_".repeat(32));
    assert_eq!(push.headers["apns-priority"], "10");
    assert_eq!((&push.body["aps"]["badge"], &push.body["aps"]["sound"]), (&json!(3), &json!("ding.caf")));
}

#[tokio::test]
async fn each_form_and_kind_arrives_at_fcm() {
    let rig = Rig::start().await;
    let (payload, seal) = sealed();
    let alert = received(&rig, &rig.outbound(PushService::Fcm).carrying(payload)).await;
    assert_eq!(alert.body["data"], json!({"seal": seal}));
    assert_eq!(alert.body["android"], json!({"priority": "high", "ttl": "3600s"}));

    let background = rig.outbound(PushService::Fcm).background().carrying(omitted());
    let background = received(&rig, &background).await;
    let mut data = background.body["data"].clone();
    assert_ne!(data["delivery"].take(), Value::Null);
    let expected =
        json!({"form": "omitted", "delivery": null, "reference": "r-1", "placeholder": "New notification"});
    assert_eq!(data, expected);
    assert_eq!(background.body["android"]["priority"], "normal");
}

#[tokio::test]
async fn a_call_to_an_fcm_token_is_refused_unsent() {
    let rig = Rig::start().await;
    let outcome = rig.push(&rig.outbound(PushService::Fcm).voip()).await;
    assert!(
        matches!(outcome, AttemptOutcome::Rejected { reason } if reason.as_str() == "kind_not_for_token")
    );
    assert!(rig.simulator.records().is_empty());
}
