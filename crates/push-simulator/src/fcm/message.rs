//! Whether a message can be sent.
//!
//! Owns FCM's rules beyond types: one target, reserved keys, lifetimes, sizes (REST reference
//! "projects.messages", "Message types"). Read next: `shape`.

use serde_json::{Map, Value};

use crate::fcm::schema;
use crate::fcm::shape::{self, seconds};
use crate::fcm::violation::Violation;

/// "About FCM messages": the largest payload in bytes, and for topics half of it.
const MAX_PAYLOAD: usize = 4096;
const MAX_TOPIC_PAYLOAD: usize = 2048;
/// REST reference, `AndroidConfig.ttl`: four weeks at most.
const MAX_TTL_SECONDS: i64 = 28 * 24 * 60 * 60;

/// Whom a message is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A registration token, or a Firebase installation id in its place.
    Token(String),
    /// Everybody who subscribed; the simulator delivers to nobody.
    Topic,
}

/// A request that can be sent.
#[derive(Debug)]
pub(crate) struct SendRequest {
    pub(crate) validate_only: bool,
    pub(crate) target: Target,
    /// The message with `snake_case` names.
    pub(crate) message: Map<String, Value>,
}

impl SendRequest {
    /// Reads a request body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Violation> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Violation::unreadable("", format!("Invalid JSON payload received. {error}")))?;
        let mut request = shape::object(&value, schema::REQUEST, "")?;
        let validate_only = request.get("validate_only") == Some(&Value::Bool(true));
        let Some(Value::Object(message)) = request.remove("message") else {
            return Err(Violation::invalid("message", "The message is not set."));
        };
        let target = target(&message)?;
        check_data(&message, "message.data")?;
        check_android(&message)?;
        check_apns(&message)?;
        let limit = if target == Target::Topic { MAX_TOPIC_PAYLOAD } else { MAX_PAYLOAD };
        if payload_size(&message) > limit {
            return Err(Violation::TooBig);
        }
        Ok(Self { validate_only, target, message })
    }
}

/// REST reference, union field `target`: exactly one of token, fid, topic and condition.
fn target(message: &Map<String, Value>) -> Result<Target, Violation> {
    let given: Vec<_> = ["token", "fid", "topic", "condition"]
        .into_iter()
        .filter_map(|name| message.get(name).and_then(Value::as_str).map(|value| (name, value)))
        .collect();
    match given.as_slice() {
        [(name, "")] => {
            Err(Violation::invalid(&format!("message.{name}"), "Recipient of the message is not set."))
        }
        [("token" | "fid", token)] => Ok(Target::Token((*token).to_owned())),
        [("topic", topic)] if !is_topic(topic) => {
            Err(Violation::invalid("message.topic", format!("Invalid topic name: {topic}")))
        }
        [_] => Ok(Target::Topic),
        [] => Err(Violation::invalid("message", "Recipient of the message is not set.")),
        [_, (second, _), ..] => {
            let message = "Invalid value: only one of token, fid, topic and condition can be set.";
            Err(Violation::unreadable(&format!("message.{second}"), message))
        }
    }
}

/// REST reference, `Message.data`: `from`, `message_type` and whatever starts with `google` or `gcm` is
/// reserved.
fn check_data(holder: &Map<String, Value>, path: &str) -> Result<(), Violation> {
    let reserved = |key: &&String| {
        matches!(key.as_str(), "from" | "message_type") || key.starts_with("google") || key.starts_with("gcm")
    };
    let data = holder.get("data").and_then(Value::as_object);
    match data.and_then(|data| data.keys().find(reserved)) {
        Some(key) => Err(Violation::invalid(path, format!("Invalid data payload key: {key}"))),
        None => Ok(()),
    }
}

fn check_android(message: &Map<String, Value>) -> Result<(), Violation> {
    let Some(android) = message.get("android").and_then(Value::as_object) else { return Ok(()) };
    check_data(android, "message.android.data")?;
    let ttl = android.get("ttl").and_then(Value::as_str).and_then(seconds);
    if ttl.is_some_and(|ttl| !(0..=MAX_TTL_SECONDS).contains(&ttl)) {
        return Err(Violation::invalid(
            "message.android.ttl",
            "Invalid ttl: must be from 0 to 2419200 seconds.",
        ));
    }
    Ok(())
}

/// A message to Apple that shows nothing has to be a background push, which Apple takes at priority 5 alone.
fn check_apns(message: &Map<String, Value>) -> Result<(), Violation> {
    let Some(apple) = message.get("apns") else { return Ok(()) };
    let aps = &apple["payload"]["aps"];
    let silent =
        aps["content-available"] == 1 && aps["alert"].is_null() && message.get("notification").is_none();
    if silent && apple["headers"]["apns-priority"] == "10" {
        let text = "A background notification must have apns-priority 5.";
        return Err(Violation::invalid("message.apns.headers", text));
    }
    Ok(())
}

/// Keys and values of data and notification, in bytes of UTF-8; Android's own data replaces the common one.
fn payload_size(message: &Map<String, Value>) -> usize {
    let android = message.get("android").and_then(Value::as_object);
    let data = android.and_then(|android| android.get("data")).or_else(|| message.get("data"));
    let parts = [data, message.get("notification"), android.and_then(|android| android.get("notification"))];
    parts.into_iter().flatten().filter_map(Value::as_object).map(object_size).sum()
}

fn object_size(object: &Map<String, Value>) -> usize {
    let value_size = |value: &Value| value.as_str().map_or_else(|| value.to_string().len(), str::len);
    object.iter().map(|(key, value)| key.len() + value_size(value)).sum()
}

/// The characters that a topic name may have.
fn is_topic(topic: &str) -> bool {
    topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte))
}
