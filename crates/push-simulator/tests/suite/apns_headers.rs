//! Headers, push types and payloads.

use push_simulator::Environment;
use serde_json::{Value, json};

use crate::support::stage::{Stage, TOPIC, refused, success};

#[tokio::test]
async fn a_message_id_must_be_a_lower_case_uuid() {
    let stage = Stage::production().await;
    for id in ["", "1", "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5bd9cb469fa16570867728950e"] {
        let answer = stage.refusal(&stage.push().with("apns-id", id)).await;
        assert_eq!(answer, refused(400, "BadMessageId"), "{id}");
    }
}

#[tokio::test]
async fn a_collapse_id_has_at_most_64_bytes() {
    let stage = Stage::production().await;

    let fits = stage.push().with("apns-collapse-id", &"k".repeat(64));
    let too_long = stage.push().with("apns-collapse-id", &"k".repeat(65));

    assert_eq!(stage.refusal(&fits).await, success());
    assert_eq!(stage.refusal(&too_long).await, refused(400, "BadCollapseId"));
}

#[tokio::test]
async fn an_expiration_is_a_number_of_seconds() {
    let stage = Stage::production().await;
    for (value, expected) in [
        ("0", success()),
        ("1900000000", success()),
        ("-1", refused(400, "BadExpirationDate")),
        ("soon", refused(400, "BadExpirationDate")),
        ("1.5", refused(400, "BadExpirationDate")),
    ] {
        assert_eq!(stage.refusal(&stage.push().with("apns-expiration", value)).await, expected, "{value}");
    }
}

#[tokio::test]
async fn a_priority_is_1_5_or_10() {
    let stage = Stage::production().await;
    for value in ["1", "5", "10"] {
        assert_eq!(stage.refusal(&stage.push().with("apns-priority", value)).await, success(), "{value}");
    }
    for value in ["0", "7", "high", "05x", "1000"] {
        let answer = stage.refusal(&stage.push().with("apns-priority", value)).await;
        assert_eq!(answer, refused(400, "BadPriority"), "{value}");
    }
}

#[tokio::test]
async fn a_background_push_has_priority_5_and_nothing_but_content_available() {
    let stage = Stage::production().await;
    let quiet = json!({"aps": {"content-available": 1}, "seal": "abc"});
    let push = stage.push().with("apns-push-type", "background").payload(&quiet);
    let loud = json!({"aps": {"content-available": 1, "sound": "default"}});

    assert_eq!(stage.refusal(&push.clone().with("apns-priority", "5")).await, success());
    assert_eq!(stage.refusal(&push.clone().with("apns-priority", "10")).await, refused(400, "BadPriority"));
    assert_eq!(stage.refusal(&push.clone()).await, refused(400, "BadPriority"));
    let loud = push.with("apns-priority", "5").payload(&loud);
    assert_eq!(stage.refusal(&loud).await, refused(400, "InvalidPushType"));
}

#[tokio::test]
async fn an_alert_shows_sounds_or_badges() {
    let stage = Stage::production().await;
    for (aps, expected) in [
        (json!({"alert": {"title": "t", "body": "b"}}), success()),
        (json!({"badge": 0}), success()),
        (json!({"sound": "default"}), success()),
        (json!({"content-available": 1}), refused(400, "InvalidPushType")),
        (json!({}), refused(400, "InvalidPushType")),
        (Value::Null, refused(400, "InvalidPushType")),
    ] {
        assert_eq!(stage.refusal(&stage.push().payload(&json!({"aps": aps}))).await, expected, "{aps}");
    }
}

#[tokio::test]
async fn a_push_type_must_exist_and_fit_the_suffix_of_the_topic() {
    let stage = Stage::production().await;

    let unknown = stage.push().with("apns-push-type", "shout");
    let without_suffix = stage.push().with("apns-push-type", "voip");
    let with_suffix = stage.push().with("apns-topic", &format!("{TOPIC}.voip"));

    for push in [unknown, without_suffix, with_suffix] {
        assert_eq!(stage.refusal(&push).await, refused(400, "InvalidPushType"));
    }
}

#[tokio::test]
async fn a_push_type_may_be_left_out() {
    let stage = Stage::production().await;
    let push = stage.push().without("apns-push-type").payload(&json!({"aps": {"content-available": 1}}));
    assert_eq!(stage.refusal(&push).await, success());
}

#[tokio::test]
async fn every_push_type_goes_to_the_topic_with_its_suffix() {
    let stage = Stage::production().await;
    let live = json!({"aps": {"event": "update", "timestamp": 1, "content-state": {}}});
    let plain = json!({"aps": {}});
    for (push_type, suffix, payload) in [
        ("voip", ".voip", &plain),
        ("pushtotalk", ".voip-ptt", &plain),
        ("complication", ".complication", &plain),
        ("fileprovider", ".pushkit.fileprovider", &plain),
        ("location", ".location-query", &plain),
        ("liveactivity", ".push-type.liveactivity", &live),
        ("controls", ".push-type.controls", &plain),
        ("widgets", ".push-type.widgets", &plain),
    ] {
        let topic = format!("{TOPIC}{suffix}");
        let token = stage.simulator.apns_device(&topic, Environment::Production);
        let push = stage.push().path(&format!("/3/device/{token}")).with("apns-topic", &topic);
        let push = push.with("apns-push-type", push_type).with("apns-expiration", "0").payload(payload);
        assert_eq!(stage.refusal(&push).await, success(), "{push_type}");
    }
}

#[tokio::test]
async fn voip_has_priority_10_and_a_token_of_its_own() {
    let stage = Stage::production().await;
    let token = stage.simulator.voip_device(TOPIC, Environment::Production);
    let voip = stage.push().with("apns-push-type", "voip").with("apns-topic", &format!("{TOPIC}.voip"));
    let to_pushkit = voip.clone().path(&format!("/3/device/{token}")).payload(&json!({"aps": {}}));

    assert_eq!(stage.refusal(&to_pushkit).await, success());
    assert_eq!(stage.refusal(&to_pushkit.with("apns-priority", "5")).await, refused(400, "BadPriority"));
    assert_eq!(stage.refusal(&voip).await, refused(400, "DeviceTokenNotForTopic"));
}

#[tokio::test]
async fn push_to_talk_is_now_or_never() {
    let stage = Stage::production().await;
    let topic = format!("{TOPIC}.voip-ptt");
    let push = stage.push().with("apns-push-type", "pushtotalk").with("apns-topic", &topic);
    assert_eq!(stage.refusal(&push).await, refused(400, "BadExpirationDate"));
}

#[tokio::test]
async fn a_topic_must_be_there_be_a_bundle_id_and_belong_to_the_team() {
    let stage = Stage::production().await;
    for (push, reason) in [
        (stage.push().without("apns-topic"), "MissingTopic"),
        (stage.push().with("apns-topic", ""), "BadTopic"),
        (stage.push().with("apns-topic", "com.example/chat"), "BadTopic"),
        (stage.push().with("apns-topic", "com.stranger.chat"), "TopicDisallowed"),
    ] {
        assert_eq!(stage.refusal(&push).await, refused(400, reason));
    }
}

#[tokio::test]
async fn a_header_given_twice_is_refused() {
    let stage = Stage::production().await;
    for name in ["apns-topic", "apns-priority", "apns-id"] {
        let push = stage.push().with(name, "5").and(name, "5");
        assert_eq!(stage.refusal(&push).await, refused(400, "DuplicateHeaders"), "{name}");
    }
}

#[tokio::test]
async fn a_payload_has_at_most_4096_bytes_and_5120_for_voip() {
    let stage = Stage::production().await;
    let token = stage.simulator.voip_device(TOPIC, Environment::Production);
    let voip = stage.push().with("apns-push-type", "voip").with("apns-topic", &format!("{TOPIC}.voip"));
    let voip = voip.path(&format!("/3/device/{token}"));

    assert_eq!(stage.refusal(&stage.push().body(payload_of(4096))).await, success());
    assert_eq!(stage.refusal(&stage.push().body(payload_of(4097))).await, refused(413, "PayloadTooLarge"));
    assert_eq!(stage.refusal(&voip.clone().body(payload_of(5120))).await, success());
    assert_eq!(stage.refusal(&voip.body(payload_of(5121))).await, refused(413, "PayloadTooLarge"));
}

#[tokio::test]
async fn a_payload_is_an_object_with_something_in_it() {
    let stage = Stage::production().await;
    for body in ["", "{}", "[]", "nonsense", "\"text\""] {
        assert_eq!(stage.refusal(&stage.push().body(body)).await, refused(400, "PayloadEmpty"), "{body}");
    }
}

/// An alert of exactly so many bytes.
fn payload_of(bytes: usize) -> String {
    let frame = json!({"aps": {"alert": ""}}).to_string();
    json!({"aps": {"alert": "x".repeat(bytes - frame.len())}}).to_string()
}
