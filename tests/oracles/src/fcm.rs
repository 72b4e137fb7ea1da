//! The request that fcm-rs would make.
//!
//! Its models are public; its URL is fixed and its client asks Google for a token first, so the headers cannot be
//! had without Google.

use fcm_rs::models::{FcmSendRequest, Message};
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::compare::Known;

/// Where the relay and fcm-rs differ, and why.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        path: "/body/message/notification",
        ours: "",
        theirs: "\"null, as written\"",
        reason: "fcm-rs writes null for what is not there, which FCM reads as absent",
    },
    Known {
        path: "/body/message/android/priority",
        ours: "*",
        theirs: "",
        reason: "fcm-rs has no field for it: every data message goes out at normal priority, and waits in Doze",
    },
    Known {
        path: "/body/message/android/ttl",
        ours: "*",
        theirs: "",
        reason: "fcm-rs has no field for it: FCM keeps every message for four weeks",
    },
    Known {
        path: "/body/message/android/collapse_key",
        ours: "*",
        theirs: "",
        reason: "fcm-rs has no field for it",
    },
    Known {
        path: "/headers/content-type",
        ours: "*",
        theirs: "",
        reason: "not to be had from fcm-rs without Google",
    },
];

/// Path and body.
pub(crate) fn request(asked: &Asked) -> Value {
    let message = Message {
        token: Some(asked.device_token.clone()),
        notification: None,
        data: Some(Value::Object(asked.data.clone())),
    };
    json!({
        "path": format!("/v1/projects/{}/messages:send", asked.topic),
        "body": FcmSendRequest { message },
    })
}
