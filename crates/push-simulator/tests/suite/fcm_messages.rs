//! What FCM takes for a message.

use serde_json::{Value, json};

use crate::support::fcm_stage::{FcmStage, PROJECT, codes, failed, failed_before_fcm, violated_field};

#[tokio::test]
async fn an_accepted_message_gets_a_name_and_reaches_the_phone() {
    let stage = FcmStage::new().await;

    let answer = stage
        .send(json!({"data": {"seal": "abc"}, "android": {"priority": "high", "ttl": "86400s", "collapse_key": "k"}}))
        .await;

    assert_eq!(answer.status, 200);
    assert!(answer.json()["name"].as_str().unwrap().starts_with(&format!("projects/{PROJECT}/messages/")));
    let inbox = stage.simulator.inbox(&stage.token);
    assert_eq!((inbox.len(), &inbox[0].body["data"]["seal"]), (1, &Value::from("abc")));
}

#[tokio::test]
async fn both_spellings_of_a_name_are_read_and_null_is_absent() {
    let stage = FcmStage::new().await;

    let answer =
        stage.send(json!({"android": {"collapseKey": "k", "directBootOk": true}, "data": null})).await;

    assert_eq!(answer.status, 200);
    let body = &stage.simulator.inbox(&stage.token)[0].body;
    assert_eq!((&body["android"]["collapse_key"], body.get("data")), (&Value::from("k"), None));
}

#[tokio::test]
async fn a_message_that_is_only_checked_reaches_nobody() {
    let stage = FcmStage::new().await;
    let message = json!({"token": stage.token});

    let good = stage.send_body(&json!({"validate_only": true, "message": message})).await;
    let bad = stage
        .send_body(&json!({"validateOnly": true, "message": {"token": stage.token, "data": {"from": ""}}}))
        .await;

    assert_eq!((good.status, bad.status), (200, 400));
    assert!(stage.simulator.inbox(&stage.token).is_empty());
}

#[tokio::test]
async fn a_message_has_exactly_one_target() {
    let stage = FcmStage::new().await;
    let none = stage.send_body(&json!({"message": {"data": {}}})).await;
    let empty = stage.send_body(&json!({"message": {"token": ""}})).await;
    let two = stage.send(json!({"topic": "news"})).await;
    let topic = stage.send_body(&json!({"message": {"topic": "news"}})).await;
    let bad_topic = stage.send_body(&json!({"message": {"topic": "not a topic"}})).await;

    assert_eq!(codes(&none), failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"));
    assert_eq!(violated_field(&none).unwrap(), "message");
    assert_eq!(violated_field(&empty).unwrap(), "message.token");
    assert_eq!((two.status, topic.status, bad_topic.status), (400, 200, 400));
}

#[tokio::test]
async fn an_installation_id_is_a_target_in_either_field() {
    let stage = FcmStage::new().await;
    let (id, _) = stage.token.split_once(':').unwrap();
    for message in [json!({"fid": id}), json!({"token": id})] {
        assert_eq!(stage.send_body(&json!({ "message": message })).await.status, 200);
    }
    assert_eq!(stage.simulator.inbox(&stage.token).len(), 2);
}

#[tokio::test]
async fn an_unknown_field_is_named_without_fcms_own_code() {
    let stage = FcmStage::new().await;
    for (message, field) in [
        (json!({"surprise": 1}), "message"),
        (json!({"android": {"surprise": 1}}), "message.android"),
        (
            json!({"android": {"notification": {"light_settings": {"surprise": 1}}}}),
            "message.android.notification.light_settings",
        ),
        (json!({"to": "x"}), "message"),
    ] {
        let answer = stage.send(message).await;
        assert_eq!(codes(&answer), failed_before_fcm(400, "INVALID_ARGUMENT"));
        assert_eq!(violated_field(&answer).unwrap(), field);
        assert!(answer.json()["error"]["message"].as_str().unwrap().contains("Cannot find field"));
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_named() {
    let stage = FcmStage::new().await;
    for (message, field) in [
        (json!({"data": {"badge": 3}}), "message.data[0].value"),
        (json!({"data": {"a": "x", "nested": {}}}), "message.data[1].value"),
        (json!({"data": []}), "message.data"),
        (json!({"android": {"priority": "urgent"}}), "message.android.priority"),
        (json!({"android": {"ttl": 86400}}), "message.android.ttl"),
        (json!({"android": {"ttl": "86400"}}), "message.android.ttl"),
        (json!({"android": {"direct_boot_ok": "yes"}}), "message.android.direct_boot_ok"),
        (
            json!({"android": {"notification": {"body_loc_args": ["x", 1]}}}),
            "message.android.notification.body_loc_args[1]",
        ),
        (json!({"apns": {"payload": "x"}}), "message.apns.payload"),
        (json!({"apns": {"headers": {"apns-priority": 5}}}), "message.apns.headers[0].value"),
    ] {
        let answer = stage.send(message).await;
        assert_eq!((answer.status, violated_field(&answer).unwrap().as_str()), (400, field));
    }
}

#[tokio::test]
async fn reserved_data_keys_are_refused() {
    let stage = FcmStage::new().await;
    for key in ["from", "message_type", "google.x", "googles", "gcm", "gcm.y"] {
        let common = stage.send(json!({"data": {key: "x"}})).await;
        let android = stage.send(json!({"android": {"data": {key: "x"}}})).await;
        assert_eq!(codes(&common), failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), "{key}");
        assert_eq!(violated_field(&android).unwrap(), "message.android.data", "{key}");
    }
    assert_eq!(stage.send(json!({"data": {"collapse_key": "x", "fromage": "y"}})).await.status, 200);
}

#[tokio::test]
async fn a_time_to_live_is_from_nothing_to_28_days() {
    let stage = FcmStage::new().await;
    for (ttl, status) in [("0s", 200), ("2419200s", 200), ("3.5s", 200), ("2419201s", 400), ("-1s", 400)] {
        assert_eq!(stage.send(json!({"android": {"ttl": ttl}})).await.status, status, "{ttl}");
    }
}

#[tokio::test]
async fn keys_and_values_have_at_most_4096_bytes() {
    let stage = FcmStage::new().await;

    let fits = stage.send(json!({"data": {"seal": "x".repeat(4092)}})).await;
    let too_big = stage.send(json!({"data": {"seal": "x".repeat(4093)}})).await;
    let with_notification = json!({"data": {"seal": "x".repeat(4092)}, "notification": {"title": "t"}});

    assert_eq!(fits.status, 200);
    assert_eq!(codes(&too_big), failed_before_fcm(400, "INVALID_ARGUMENT"));
    assert_eq!(too_big.json()["error"].get("details"), None);
    assert_eq!(stage.send(with_notification).await.status, 400);
}

#[tokio::test]
async fn a_topic_has_half_of_that() {
    let stage = FcmStage::new().await;
    let of = |bytes: usize| json!({"message": {"topic": "news", "data": {"seal": "x".repeat(bytes - 4)}}});
    assert_eq!(stage.send_body(&of(2048)).await.status, 200);
    assert_eq!(stage.send_body(&of(2049)).await.status, 400);
}

#[tokio::test]
async fn a_silent_message_to_apple_has_priority_5() {
    let stage = FcmStage::new().await;
    let silent = |priority: &str| json!({"apns": {"headers": {"apns-priority": priority}, "payload": {"aps": {"content-available": 1}}}});
    assert_eq!(stage.send(silent("5")).await.status, 200);
    assert_eq!(violated_field(&stage.send(silent("10")).await).unwrap(), "message.apns.headers");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let stage = FcmStage::new().await;
    for body in ["", "nonsense", "[]", "{\"message\": 1}", "{}"] {
        let answer = stage.client.send(stage.request(body)).await.unwrap();
        assert_eq!(
            (answer.status, &answer.json()["error"]["status"]),
            (400, &Value::from("INVALID_ARGUMENT"))
        );
    }
}

#[tokio::test]
async fn of_two_equal_names_the_last_wins() {
    let stage = FcmStage::new().await;
    let body = format!(r#"{{"message": {{"token": "x", "token": "{}"}}}}"#, stage.token);
    assert_eq!(stage.client.send(stage.request(body)).await.unwrap().status, 200);
}
