//! The payload of a push request.
//!
//! Owns size and shape ("Generating a remote notification"). Read next: `push_type`.

use serde_json::{Map, Value};

use crate::apns::push_type::PushType;
use crate::apns::reason::Reason;

/// Reads the payload and holds it against its push type.
pub(crate) fn read(body: &[u8], push_type: PushType, push_type_given: bool) -> Result<Value, Reason> {
    if body.is_empty() {
        return Err(Reason::PayloadEmpty);
    }
    if body.len() > push_type.max_payload() {
        return Err(Reason::PayloadTooLarge);
    }
    // Apple documents no reason for a body that is no JSON object; one in which nothing can be found is
    // empty.
    let payload: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Reason::PayloadEmpty)?;
    if payload.is_empty() {
        return Err(Reason::PayloadEmpty);
    }
    if push_type_given && !fits(&payload, push_type) {
        return Err(Reason::InvalidPushType);
    }
    Ok(Value::Object(payload))
}

/// "Sending notification requests to APNs": `apns-push-type` has to say what the payload is.
fn fits(payload: &Map<String, Value>, push_type: PushType) -> bool {
    let aps = payload.get("aps").and_then(Value::as_object);
    let has = |name: &str| aps.is_some_and(|aps| aps.get(name).is_some_and(|value| !value.is_null()));
    match push_type {
        // An alert shows, sounds or badges.
        PushType::Alert => has("alert") || has("badge") || has("sound"),
        // "Pushing background updates to your app": nothing beside `content-available` that a user would
        // notice.
        PushType::Background => {
            aps.is_some_and(|aps| aps.len() == 1 && aps.get("content-available") == Some(&Value::from(1)))
        }
        PushType::LiveActivity => has("event") && has("timestamp"),
        PushType::Mdm => payload.contains_key("mdm"),
        _ => true,
    }
}
