//! What is to be sent: content, and how.
//!
//! ```json
//! {"title": "Anna", "body": "See you at eight?", "data": {"room": "42"},
//!  "urgency": "high", "ttl": 3600, "collapse_key": "room-42", "kind": "alert", "reference": "9f3c…"}
//! ```

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cli::content::Content;
use crate::model::{Kind, Urgency};

/// A notification as its sender writes it.
#[derive(Debug, Clone)]
pub(crate) struct NotificationFile {
    /// What is sealed.
    pub(crate) content: Content,
    /// What stands beside it, for the relay.
    pub(crate) options: SendOptions,
}

/// What the relay is told besides.
#[derive(Debug, Clone, Default)]
pub(crate) struct SendOptions {
    /// Urgency; the relay's default where there is none.
    pub(crate) urgency: Option<Urgency>,
    /// Seconds to live; the relay's default where there is none.
    pub(crate) ttl: Option<u64>,
    /// What newer notifications replace it.
    pub(crate) collapse_key: Option<String>,
    /// What kind.
    pub(crate) kind: Option<Kind>,
    /// By which a device that gets no content fetches it from its own server.
    pub(crate) reference: Option<String>,
    /// Whether the relay answers at once with its promise instead of the outcomes.
    pub(crate) no_wait: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    title: String,
    body: String,
    data: Option<Map<String, Value>>,
    urgency: Option<Urgency>,
    ttl: Option<u64>,
    collapse_key: Option<String>,
    kind: Option<Kind>,
    reference: Option<String>,
}

impl NotificationFile {
    /// Reads the JSON.
    pub(crate) fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let text: Text = serde_json::from_slice(json).context(
            "the notification is not JSON with the strings title and body, and optionally data (an object), \
             urgency, ttl, collapse_key, kind and reference",
        )?;
        Ok(Self {
            content: Content { title: text.title, body: text.body, data: text.data },
            options: SendOptions {
                urgency: text.urgency,
                ttl: text.ttl,
                collapse_key: text.collapse_key,
                kind: text.kind,
                reference: text.reference,
                no_wait: false,
            },
        })
    }
}

impl SendOptions {
    /// These, with the others where they say something.
    #[must_use]
    pub(crate) fn overridden_by(self, others: Self) -> Self {
        Self {
            urgency: others.urgency.or(self.urgency),
            ttl: others.ttl.or(self.ttl),
            collapse_key: others.collapse_key.or(self.collapse_key),
            kind: others.kind.or(self.kind),
            reference: others.reference.or(self.reference),
            no_wait: others.no_wait || self.no_wait,
        }
    }
}
