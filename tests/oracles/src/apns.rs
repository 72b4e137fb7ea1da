//! The request that a2 would make.
//!
//! a2 keeps the assembly of its request to itself; its payload and options are public, and become path, headers
//! and body in the way of its `Client::build_request`. What it adds there without being asked is in [`KNOWN`].

use a2::request::payload::PayloadLike as _;
use a2::{
    CollapseId, DefaultNotificationBuilder, NotificationBuilder as _, NotificationOptions, Priority, PushType,
};
use serde_json::{Map, Value, json};

use crate::asked::Asked;
use crate::compare::Known;

/// Where the relay and a2 differ, and why.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        path: "/body/aps/mutable-content",
        ours: "",
        theirs: "0",
        reason: "a2 writes it where nobody asked; Apple wants content-available alone in a background push",
    },
    Known {
        path: "/body/aps",
        ours: "{}",
        theirs: "",
        reason: "a call has an empty aps; a2's holds mutable-content",
    },
    Known { path: "/headers/apns-priority", ours: "\"1\"", theirs: "\"5\"", reason: "a2 has no priority 1" },
    Known {
        path: "/headers/content-type",
        ours: "",
        theirs: "\"application/json\"",
        reason: "Apple's page names no content-type",
    },
];

/// Path, headers and body.
pub(crate) fn request(asked: &Asked) -> Value {
    let options = NotificationOptions {
        apns_id: Some(&asked.delivery),
        apns_push_type: Some(match asked.kind.as_str() {
            "alert" => PushType::Alert,
            "background" => PushType::Background,
            "voip" => PushType::Voip,
            other => panic!("there is no kind {other}"),
        }),
        apns_expiration: Some(asked.expires_at),
        apns_priority: Some(if asked.priority == 10 { Priority::High } else { Priority::Normal }),
        apns_topic: Some(&asked.topic),
        apns_collapse_id: asked
            .collapse_id
            .as_deref()
            .map(|id| CollapseId::new(id).expect("at most 64 bytes")),
    };
    let mut builder = DefaultNotificationBuilder::new();
    match asked.kind.as_str() {
        "alert" => builder = builder.set_body(&asked.placeholder).set_mutable_content(),
        "background" => builder = builder.set_content_available(),
        _ => {}
    }
    if let Some(badge) = asked.badge {
        builder = builder.set_badge(badge);
    }
    if let Some(sound) = &asked.sound {
        builder = builder.set_sound(sound);
    }
    let mut payload = builder.build(&asked.device_token, options);
    for (name, value) in &asked.data {
        payload.add_custom_data(name, value).expect("JSON stays JSON");
    }
    let body: Value = serde_json::from_str(&payload.to_json_string().expect("JSON")).expect("JSON");
    json!({
        "path": format!("/3/device/{}", payload.get_device_token()),
        "headers": headers(payload.get_options()),
        "body": body,
    })
}

fn headers(options: &NotificationOptions<'_>) -> Map<String, Value> {
    let given = [
        ("apns-priority", options.apns_priority.as_ref().map(ToString::to_string)),
        ("apns-id", options.apns_id.map(str::to_owned)),
        ("apns-push-type", options.apns_push_type.as_ref().map(ToString::to_string)),
        ("apns-expiration", options.apns_expiration.map(|at| at.to_string())),
        ("apns-collapse-id", options.apns_collapse_id.as_ref().map(|id| id.value.to_owned())),
        ("apns-topic", options.apns_topic.map(str::to_owned)),
        ("content-type", Some("application/json".to_owned())),
    ];
    let present = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    present.collect()
}
