//! The wire table of the protocol, row by row, at FCM.

use std::str::FromStr;

use serde_json::{Value, json};

use super::*;
use crate::base::UnixMillis;
use crate::model::{CollapseHash, PushService};
use crate::push_services::example_push::{
    ExamplePush, NOW, clear, code, largest_envelope, longest_reference, smallest_envelope,
};

const DELIVERY: &str = "abababab-abab-abab-abab-abababababab";

fn alert() -> ExamplePush {
    ExamplePush::to(PushService::Fcm)
}

fn message_of(push: &ExamplePush) -> Result<Value, Reason> {
    let placeholder = Placeholder::default();
    let body = message(&push.as_push(), &placeholder)?.body(NOW);
    let mut json: Value = serde_json::from_slice(&body).unwrap();
    Ok(json["message"].take())
}

fn data_of(push: &ExamplePush) -> Value {
    message_of(push).unwrap()["data"].clone()
}

#[test]
fn a_code_is_one_string_and_wakes_the_device() {
    let (payload, text) = code();
    let push = ExamplePush { payload, kind: Kind::Background, ..alert() };
    let message = message_of(&push).unwrap();
    assert_eq!(message["data"], json!({"confirm": text}));
    assert_eq!(message["android"]["priority"], "high");
}

#[test]
fn a_sealed_payload_is_one_string() {
    let push = ExamplePush { payload: smallest_envelope(), ..alert() };
    let Payload::Sealed { envelope, .. } = &push.payload else { unreachable!() };
    assert_eq!(data_of(&push), json!({"seal": envelope.to_base64url()}));
}

#[test]
fn an_omitted_payload_has_the_placeholder_that_the_app_shows() {
    let expected = json!({"form": "omitted", "delivery": DELIVERY, "placeholder": "New notification"});
    assert_eq!(data_of(&alert()), expected);
    let push = ExamplePush { payload: longest_reference(), ..alert() };
    assert_eq!(data_of(&push)["reference"], "r".repeat(64));
}

#[test]
fn a_clear_payload_has_its_data_as_text() {
    let payload = clear(r#"{"title":"T","body":"Bü","data":{"n":[1,2]}}"#);
    let expected =
        json!({"form": "clear", "delivery": DELIVERY, "title": "T", "body": "Bü", "data": r#"{"n":[1,2]}"#});
    assert_eq!(data_of(&ExamplePush { payload, ..alert() }), expected);
}

#[test]
fn all_data_are_strings_and_nothing_is_shown_by_the_system() {
    for payload in [smallest_envelope(), longest_reference(), clear(r#"{"title":"t","body":"b"}"#)] {
        let message = message_of(&ExamplePush { payload, ..alert() }).unwrap();
        assert!(message["data"].as_object().unwrap().values().all(Value::is_string));
        let members: Vec<_> = message.as_object().unwrap().keys().collect();
        assert_eq!(members, ["android", "data", "token"]);
    }
}

#[test]
fn only_high_urgency_wakes_the_device() {
    let priority = |urgency| {
        let message = message_of(&ExamplePush { urgency, ..alert() }).unwrap();
        message["android"]["priority"].as_str().unwrap().to_owned()
    };
    assert_eq!(Urgency::ALL.map(priority), ["normal", "normal", "normal", "high"]);
}

#[test]
fn the_ttl_is_what_remains_of_the_deadline() {
    let ttl = |push: &ExamplePush| message_of(push).unwrap()["android"]["ttl"].clone();
    assert_eq!(ttl(&ExamplePush { deadline: UnixMillis(NOW.0 + 59_999), ..alert() }), "59s");
    assert_eq!(ttl(&ExamplePush { deadline: UnixMillis(NOW.0 - 1), ..alert() }), "0s");
    assert_eq!(ttl(&ExamplePush { now_or_never: true, ..alert() }), "0s");
}

#[test]
fn the_collapse_key_is_the_hash() {
    let push = ExamplePush { collapse: Some(CollapseHash([0xff; 24])), ..alert() };
    assert_eq!(message_of(&push).unwrap()["android"]["collapse_key"], "_".repeat(32));
    assert_eq!(message_of(&alert()).unwrap()["android"].get("collapse_key"), None);
}

#[test]
fn calls_are_refused() {
    for (kind, token_kind) in [(Kind::Voip, TokenKind::Standard), (Kind::Alert, TokenKind::Voip)] {
        let push = ExamplePush { token_kind, kind, ..alert() };
        assert_eq!(message_of(&push), Err(Reason::ours("kind_not_for_token")));
    }
}

#[test]
fn the_largest_envelope_and_the_longest_placeholder_with_reference_fit() {
    let longest = Placeholder::from_str(&"p".repeat(128)).unwrap();
    for payload in [largest_envelope(), longest_reference()] {
        let push = ExamplePush { payload, collapse: Some(CollapseHash([0; 24])), ..alert() };
        assert!(message(&push.as_push(), &longest).is_ok());
    }
}

#[test]
fn keys_and_values_end_at_4096_bytes() {
    let of = |length: usize| {
        // form, clear, delivery, the delivery id, title and body are 4 + 5 + 8 + 36 + 5 + 4 bytes.
        let text = format!(r#"{{"title":"","body":"{}"}}"#, "b".repeat(length - 62));
        message_of(&ExamplePush { payload: clear(&text), ..alert() })
    };
    assert!(of(4096).is_ok());
    assert_eq!(of(4097), Err(Reason::ours("payload_too_large")));
}

#[test]
fn the_address_names_the_project() {
    let uri = Uri::from_static("https://fcm.googleapis.com/v1/projects/chat-example/messages:send");
    let head = head(&uri, HeaderValue::from_static("Bearer t"));
    assert_eq!((head.method(), head.uri()), (&Method::POST, &uri));
    assert_eq!(head.headers()["content-type"], "application/json");
}
