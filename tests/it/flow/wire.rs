//! Every form, on every push service, in every kind, as it looks on the wire.

use push_simulator::Push;
use sealpush_seal::Envelope;
use serde_json::{Value, json};

use super::{content, identity, to, with};
use crate::support::{Device, Sender, World};

const FORMS: [&str; 4] = ["sealed_by_sender", "sealed_by_relay", "omitted", "clear"];
const KINDS: [&str; 3] = ["alert", "background", "voip"];

async fn open_world() -> (World, Sender) {
    let builder = World::builder().config("relay", "content_policy = \"clear_allowed\"");
    let world = builder.app("content_policy = \"clear_allowed\"").start().await;
    let sender = world.sender("clear_allowed").await;
    (world, sender)
}

/// A notification that goes out in this form; the relay has the device's key where it shall seal.
fn in_form(form: &str, kind: &str, device: &Device) -> Value {
    let notification = with(to(&[device]), json!({ "kind": kind }));
    match form {
        "sealed_by_sender" => {
            let envelope = device.seal(content().to_string().as_bytes(), &identity()).to_base64url();
            let targets = json!([{"subscription": device.subscription, "envelope": envelope}]);
            with(notification, json!({ "targets": targets }))
        }
        "omitted" => notification,
        _ => with(notification, json!({ "content": content() })),
    }
}

/// What goes beside `aps`, or into FCM's data, in this form.
fn check_form(form: &str, members: &Value, delivery: &str, device: &Device) {
    match form {
        "sealed_by_sender" | "sealed_by_relay" => {
            let names: Vec<_> = members.as_object().unwrap().keys().collect();
            assert_eq!(names, ["seal"]);
            let seal = members["seal"].as_str().unwrap();
            assert_eq!(Envelope::from_base64url(seal).unwrap().delivery_id().to_string(), delivery);
            if form == "sealed_by_relay" {
                let opened = device.open(seal, None).unwrap();
                assert_eq!(serde_json::from_slice::<Value>(&opened.content).unwrap(), content());
            }
        }
        "omitted" => assert_eq!(*members, json!({"form": "omitted", "delivery": delivery})),
        _ => assert_eq!(
            *members,
            json!({"form": "clear", "delivery": delivery, "title": "Ada", "body": "Lunch at 12?", "data": {"room": "r"}})
        ),
    }
}

fn check_apns(form: &str, kind: &str, push: &Push, device: &Device) {
    let (topic, priority, aps) = match kind {
        "alert" => ("org.example.chat", "10", json!({"alert": "New notification", "mutable-content": 1})),
        "background" => ("org.example.chat", "5", json!({"content-available": 1})),
        _ => ("org.example.chat.voip", "10", json!({})),
    };
    let header = |name: &str| push.headers[name].as_str();
    let headers = (header("apns-push-type"), header("apns-topic"), header("apns-priority"));
    assert_eq!(headers, (kind, topic, priority));
    let mut members = push.body.clone();
    assert_eq!(members.as_object_mut().unwrap().remove("aps"), Some(aps));
    check_form(form, &members, header("apns-id"), device);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_and_kind_reaches_an_iphone_as_the_protocol_says() {
    let (world, sender) = open_world().await;
    for form in FORMS {
        for kind in KINDS {
            let relay_may_seal = form == "sealed_by_relay";
            let device = match kind {
                "voip" => world.voip_iphone(&sender, relay_may_seal).await,
                _ => world.iphone(&sender, relay_may_seal).await,
            };
            let target = world.outcome(&sender, in_form(form, kind, &device)).await;
            assert_eq!((&target["outcome"], &target["form"]), (&json!("accepted"), &json!(form)), "{kind}");
            check_apns(form, kind, &world.only_push(&device), &device);
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_reaches_an_android_phone_as_the_protocol_says() {
    let (world, sender) = open_world().await;
    for form in FORMS {
        for (kind, priority) in [("alert", "high"), ("background", "normal")] {
            let device = world.android(&sender, form == "sealed_by_relay").await;
            let target = world.outcome(&sender, in_form(form, kind, &device)).await;
            assert_eq!((&target["outcome"], &target["form"]), (&json!("accepted"), &json!(form)), "{kind}");
            let message = world.only_push(&device).body;
            assert_eq!(message["android"]["priority"], priority);
            assert!(message["notification"].is_null(), "the system would show it: {message}");
            let mut data = message["data"].clone();
            let delivery = match data["seal"].as_str() {
                Some(seal) => Envelope::from_base64url(seal).unwrap().delivery_id().to_string(),
                None => data["delivery"].as_str().unwrap().to_owned(),
            };
            let placeholder = data.as_object_mut().unwrap().remove("placeholder");
            assert_eq!(placeholder.is_some(), form == "omitted");
            if form == "clear" {
                data["data"] = serde_json::from_str(data["data"].as_str().unwrap()).unwrap();
            }
            check_form(form, &data, &delivery, &device);
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_does_not_fit_the_token_is_rejected_and_never_sent() {
    let (world, sender) = open_world().await;
    let (calls, iphone) = (world.voip_iphone(&sender, false).await, world.iphone(&sender, false).await);
    let android = world.android(&sender, false).await;
    for (device, kind) in [(&calls, "alert"), (&calls, "background"), (&iphone, "voip"), (&android, "voip")] {
        let target = world.outcome(&sender, in_form("omitted", kind, device)).await;
        let expected = (&json!("rejected"), &json!("kind_not_for_token"));
        assert_eq!((&target["outcome"], &target["reason"]), expected, "{kind}");
        assert!(world.attempts(device).is_empty());
    }
    world.end().await;
}
