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

/// `POST /keys`: another signing key, good for what its scope says. Without a team it is the first team's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    pub(crate) team_id: Option<String>,
    /// The only environment of the key; absent: both.
    pub(crate) environment: Option<Environment>,
    /// The only topics of the key; absent: all of the team's.
    pub(crate) topics: Option<Vec<String>>,
}

/// `POST /topics`: a bundle id for a team; without one, for the first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTopic {
    pub(crate) topic: String,
    pub(crate) team_id: Option<String>,
}

/// `POST /goaway`; an empty body means reason `Shutdown`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goodbye {
    /// The reason in the debug data.
    pub(crate) reason: Option<String>,
}

/// Whether a query string has this member with this value.
pub(crate) fn query_is(query: Option<&str>, name: &str, value: &str) -> bool {
    query.is_some_and(|query| query.split('&').any(|pair| pair.split_once('=') == Some((name, value))))
}

/// A number in a query string; `None` where it is absent or no number.
pub(crate) fn query_number(query: Option<&str>, name: &str) -> Option<u64> {
    query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?.parse().ok()
}
