//! One case: what was asked for, in words that belong to nobody's API, and what the relay sent.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A case of `requests.json`.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) push_service: String,
    pub(crate) asked: Asked,
    /// `path`, `headers` and `body` of the relay's request.
    pub(crate) sent: Value,
}

/// What a sender wants of its push library.
#[derive(Deserialize)]
pub(crate) struct Asked {
    pub(crate) device_token: String,
    /// Bundle id, with its suffix for calls; the project at FCM.
    pub(crate) topic: String,
    /// `alert`, `background` or `voip`.
    pub(crate) kind: String,
    /// 10, 5 or 1.
    pub(crate) priority: u8,
    /// Unix seconds.
    pub(crate) expires_at: u64,
    pub(crate) delivery: String,
    pub(crate) placeholder: String,
    pub(crate) badge: Option<u32>,
    pub(crate) sound: Option<String>,
    pub(crate) collapse_id: Option<String>,
    /// What goes beside `aps`, or as `data`.
    pub(crate) data: Map<String, Value>,
}
