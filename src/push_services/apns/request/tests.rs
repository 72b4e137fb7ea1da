//! The wire table of the protocol, row by row, at APNs.

use std::str::FromStr;

use serde_json::{Value, json};

use super::*;
use crate::base::UnixMillis;
use crate::model::{Badge, CollapseHash, PushService, Reference, Sound};
use crate::push_services::example_push::{
    ExamplePush, clear, code, largest_envelope, longest_reference, smallest_envelope,
};

const DELIVERY: &str = "abababab-abab-abab-abab-abababababab";

fn alert() -> ExamplePush {
    ExamplePush::to(PushService::Apns)
}

fn body_of(push: &ExamplePush) -> Result<Value, Reason> {
    let body = body(&push.as_push(), &Placeholder::default())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn header_of(push: &ExamplePush, name: &str) -> Option<String> {
    let head = head_of(push);
    head.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

fn head_of(push: &ExamplePush) -> Request<()> {
    let authority = Authority::from_static("api.push.apple.com");
    let authorization = HeaderValue::from_static("bearer t");
    head(&push.as_push(), &authority, &Topics::of("org.example.chat"), authorization)
}

#[test]
fn each_kind_has_its_own_aps_and_nothing_else_in_it() {
    let shown = json!({"alert": "New notification", "mutable-content": 1});
    let background = ExamplePush { kind: Kind::Background, ..alert() };
    for (push, aps) in
        [(alert(), shown), (background, json!({"content-available": 1})), (ExamplePush::voip(), json!({}))]
    {
        for payload in [smallest_envelope(), longest_reference(), clear(r#"{"title":"t","body":"b"}"#)] {
            let body = body_of(&ExamplePush { payload, ..push_like(&push) }).unwrap();
            assert_eq!(body["aps"], aps);
        }
    }
}

fn push_like(push: &ExamplePush) -> ExamplePush {
    ExamplePush { kind: push.kind, token_kind: push.token_kind, ..alert() }
}

#[test]
fn a_code_is_one_member_beside_what_wakes_the_app() {
    let (payload, text) = code();
    let push = ExamplePush { payload, kind: Kind::Background, ..alert() };
    assert_eq!(body_of(&push), Ok(json!({"aps": {"content-available": 1}, "confirm": text})));
    assert_eq!(header_of(&push, "apns-priority").as_deref(), Some("5"));
    assert_eq!(header_of(&push, "apns-push-type").as_deref(), Some("background"));
    let (payload, text) = code();
    let call = ExamplePush { payload, ..ExamplePush::voip() };
    assert_eq!(body_of(&call), Ok(json!({"aps": {}, "confirm": text})));
}

#[test]
fn a_sealed_payload_is_one_member() {
    let push = ExamplePush { payload: smallest_envelope(), ..alert() };
    let Payload::Sealed { envelope, .. } = &push.payload else { unreachable!() };
    let aps = json!({"alert": "New notification", "mutable-content": 1});
    assert_eq!(body_of(&push), Ok(json!({"aps": aps, "seal": envelope.to_base64url()})));
}

#[test]
fn an_omitted_payload_names_form_delivery_and_reference() {
    let reference = Some(Reference::from_str("r-1").unwrap());
    let with = ExamplePush { payload: Payload::Omitted { reference }, ..ExamplePush::voip() };
    let expected = json!({"aps": {}, "form": "omitted", "delivery": DELIVERY, "reference": "r-1"});
    assert_eq!(body_of(&with), Ok(expected));
    let without = json!({"aps": {}, "form": "omitted", "delivery": DELIVERY});
    assert_eq!(body_of(&ExamplePush::voip()), Ok(without));
}

#[test]
fn a_clear_payload_names_its_members() {
    let payload = clear(r#"{"title":"T\n","body":"Bü","data":{"n":[1,{"k":null}]}}"#);
    let push = ExamplePush { payload, ..ExamplePush::voip() };
    let expected = json!({
        "aps": {}, "form": "clear", "delivery": DELIVERY,
        "title": "T\n", "body": "Bü", "data": {"n": [1, {"k": null}]},
    });
    assert_eq!(body_of(&push), Ok(expected));
    let bare = ExamplePush { payload: clear(r#"{"title":"t","body":"b"}"#), ..ExamplePush::voip() };
    assert_eq!(body_of(&bare).unwrap().get("data"), None);
}

#[test]
fn badge_and_sound_belong_to_alerts_only() {
    let noisy = |push: ExamplePush| {
        let sound = Some(Sound::from_str("ding.caf").unwrap());
        body_of(&ExamplePush { badge: Some(Badge(0)), sound, ..push }).unwrap()["aps"].clone()
    };
    let shown = json!({"alert": "New notification", "mutable-content": 1, "badge": 0, "sound": "ding.caf"});
    assert_eq!(noisy(alert()), shown);
    assert_eq!(noisy(ExamplePush { kind: Kind::Background, ..alert() }), json!({"content-available": 1}));
    assert_eq!(noisy(ExamplePush::voip()), json!({}));
}

#[test]
fn a_kind_that_does_not_fit_the_token_is_refused() {
    for (kind, token_kind) in [
        (Kind::Voip, TokenKind::Standard),
        (Kind::Alert, TokenKind::Voip),
        (Kind::Background, TokenKind::Voip),
    ] {
        let push = ExamplePush { token_kind, kind, ..alert() };
        assert_eq!(body_of(&push), Err(Reason::ours("kind_not_for_token")));
    }
}

#[test]
fn the_largest_envelope_fits_beside_the_longest_of_everything() {
    let placeholder = Placeholder::from_str(&"p".repeat(128)).unwrap();
    let push = ExamplePush {
        payload: largest_envelope(),
        badge: Some(Badge(u32::MAX)),
        sound: Some(Sound::from_str(&"\"".repeat(64)).unwrap()),
        ..alert()
    };
    let body = body(&push.as_push(), &placeholder).unwrap();
    assert!(body.len() <= 4096, "{}", body.len());
    assert_eq!(check_room(&placeholder), Ok(()));
}

#[test]
fn a_placeholder_that_leaves_no_room_is_refused_when_the_app_is_configured() {
    let quotes = Placeholder::from_str(&"\"".repeat(128)).unwrap();
    assert_eq!(check_room(&quotes), Err(ApnsCredentialsError::Placeholder));
}

#[test]
fn a_body_ends_at_4096_bytes_and_that_of_a_call_at_5120() {
    let sized = |push: ExamplePush, length: usize| {
        let empty = ExamplePush { payload: clear(r#"{"title":"","body":""}"#), ..push_like(&push) };
        let frame = body(&empty.as_push(), &Placeholder::default()).unwrap().len();
        let text = format!(r#"{{"title":"","body":"{}"}}"#, "b".repeat(length - frame));
        body(&ExamplePush { payload: clear(&text), ..push }.as_push(), &Placeholder::default())
    };
    let too_large = Err(Reason::ours("payload_too_large"));
    assert_eq!(sized(alert(), 4096).map(|body| body.len()), Ok(4096));
    assert_eq!(sized(alert(), 4097), too_large);
    assert_eq!(sized(ExamplePush::voip(), 5120).map(|body| body.len()), Ok(5120));
    assert_eq!(sized(ExamplePush::voip(), 5121), too_large);
}

#[test]
fn the_priority_follows_the_urgency_of_an_alert_and_the_kind_of_the_rest() {
    let priority = |push: ExamplePush, urgency| header_of(&ExamplePush { urgency, ..push }, "apns-priority");
    let of_alerts = Urgency::ALL.map(|urgency| priority(alert(), urgency).unwrap());
    assert_eq!(of_alerts, ["1", "5", "5", "10"]);
    for urgency in Urgency::ALL {
        let background = ExamplePush { kind: Kind::Background, ..alert() };
        assert_eq!(priority(background, urgency).as_deref(), Some("5"));
        assert_eq!(priority(ExamplePush::voip(), urgency).as_deref(), Some("10"));
    }
}

#[test]
fn topic_and_push_type_follow_the_kind() {
    let background = ExamplePush { kind: Kind::Background, ..alert() };
    for (push, push_type, topic) in [
        (alert(), "alert", "org.example.chat"),
        (background, "background", "org.example.chat"),
        (ExamplePush::voip(), "voip", "org.example.chat.voip"),
    ] {
        assert_eq!(header_of(&push, "apns-push-type").as_deref(), Some(push_type));
        assert_eq!(header_of(&push, "apns-topic").as_deref(), Some(topic));
    }
}

#[test]
fn the_expiration_is_the_deadline_or_zero_for_now_or_never() {
    let expiration = |push: &ExamplePush| header_of(push, "apns-expiration").unwrap();
    let deadline = UnixMillis(1_763_686_800_999);
    assert_eq!(expiration(&ExamplePush { deadline, ..alert() }), "1763686800");
    assert_eq!(expiration(&ExamplePush { deadline, now_or_never: true, ..alert() }), "0");
}

#[test]
fn the_address_names_the_device_and_the_ids_are_short() {
    let push = ExamplePush { collapse: Some(CollapseHash([0xff; 24])), ..alert() };
    let head = head_of(&push);
    assert_eq!(head.method(), Method::POST);
    assert_eq!(head.uri(), "https://api.push.apple.com/3/device/0a1b2c");
    assert_eq!(header_of(&push, "apns-id").as_deref(), Some(DELIVERY));
    assert_eq!(header_of(&push, "apns-collapse-id"), Some("_".repeat(32)));
    assert_eq!(header_of(&alert(), "apns-collapse-id"), None);
}

#[test]
fn what_is_new_in_every_request_stays_out_of_hpacks_table() {
    let push = ExamplePush { collapse: Some(CollapseHash([1; 24])), ..alert() };
    for name in ["apns-id", "apns-expiration", "apns-collapse-id"] {
        assert!(head_of(&push).headers()[name].is_sensitive(), "{name}");
    }
}
