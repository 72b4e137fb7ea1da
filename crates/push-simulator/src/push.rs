//! What a simulated phone got.
//!
//! Read next: `devices`, which keeps the inboxes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One message that a push service accepted for a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// Its place in the device's inbox, counted from 1; numbers are never used again.
    pub number: usize,
    /// When it was accepted: unix milliseconds.
    pub at_ms: u64,
    /// APNs: the `apns-*` request headers, `apns-id` included even where the server made it. FCM: empty.
    pub headers: BTreeMap<String, String>,
    /// APNs: the JSON payload. FCM: the `message` object of the request.
    pub body: Value,
}
