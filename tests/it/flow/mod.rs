//! A notification's whole way, from a sender's request to a phone.

mod attempts;
mod bounds;
mod call_offs;
mod fairness;
mod feedback;
mod forms;
mod holds;
mod idempotency;
mod joining;
mod key_rotation;
mod options;
mod own_sender;
mod policies;
mod proofs;
mod rights;
mod sealed;
mod senders;
mod sharing;
mod tokens;
mod waiting;
mod wire;

use sealpush::base::{EntropyRng, OsEntropy};
use sealpush_seal::IdentityKey;
use serde_json::{Value, json};

use crate::support::Device;

/// A server's identity key.
fn identity() -> IdentityKey {
    IdentityKey::generate(&mut EntropyRng(&OsEntropy))
}

/// Readable content.
fn content() -> Value {
    json!({"title": "Ada", "body": "Lunch at 12?", "data": {"room": "r"}})
}

/// A notification to these devices without content.
fn to(devices: &[&Device]) -> Value {
    let targets: Vec<Value> =
        devices.iter().map(|device| json!({"subscription": device.subscription})).collect();
    json!({ "targets": targets })
}

/// The same with further members.
fn with(mut notification: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("members are an object") };
    notification.as_object_mut().unwrap().extend(members);
    notification
}
