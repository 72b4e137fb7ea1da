//! Readable content, split into the members under which it goes out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{ClearContent, Reason};

/// The members of clear content.
#[derive(Deserialize, Serialize)]
pub(super) struct ClearParts<'a> {
    /// What is shown first.
    #[serde(borrow)]
    pub(super) title: Cow<'a, str>,
    /// What is shown below.
    #[serde(borrow)]
    pub(super) body: Cow<'a, str>,
    /// What the app makes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Map<String, Value>>,
}

impl<'a> ClearParts<'a> {
    /// The members of `content`, which the content policy made.
    pub(super) fn read(content: &'a ClearContent) -> Result<Self, Reason> {
        serde_json::from_str(content.expose_json()).map_err(|_| Reason::ours("content_not_readable"))
    }

    /// `data` as JSON text, for a push service that takes strings only.
    pub(super) fn data_as_text(&self) -> Option<String> {
        self.data.as_ref().map(|data| Value::Object(data.clone()).to_string())
    }
}
