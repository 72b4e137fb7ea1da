//! The bodies and queries of the control API.
//!
//! Owns their JSON. Read next: `routes`.

use serde::Deserialize;

use crate::environment::Environment;

/// `POST /devices`.
#[derive(Debug, Deserialize)]
#[serde(tag = "push_service", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewDevice {
    /// `{"push_service": "apns", "topic": "com.example.chat", "environment": "production", "token_kind":
    /// "voip"}`.
    Apns {
        topic: String,
        environment: Environment,
        #[serde(default)]
        token_kind: TokenKind,
    },
    /// `{"push_service": "fcm", "project": "example"}`.
    Fcm { project: String },
}

/// Which of an app's APNs tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenKind {
    /// The usual one.
    #[default]
    Standard,
    /// `PushKit`'s.
    Voip,
}

/// `POST /goaway`; an empty body means reason `Shutdown`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goodbye {
    /// The reason in the debug data.
    pub(crate) reason: Option<String>,
}

/// A number in a query string; `None` where it is absent or no number.
pub(crate) fn query_number(query: Option<&str>, name: &str) -> Option<u64> {
    query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?.parse().ok()
}
