//! A notification's content, as people write it and phones show it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Title, body and data. What is sealed is its JSON, in this order and without white space.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    /// The title.
    pub(crate) title: String,
    /// The text.
    pub(crate) body: String,
    /// What the app does with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<Map<String, Value>>,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(..)")
    }
}

impl Content {
    /// The bytes that are sealed.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("two strings and an object are always JSON")
    }

    /// What was sealed, where it has this shape; a sender may seal any bytes.
    pub(crate) fn from_json(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Every text in it that a reader could understand: title, body, and the strings in data.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = vec![self.title.clone(), self.body.clone()];
        for value in self.data.iter().flat_map(Map::values) {
            collect(value, &mut texts);
        }
        texts.retain(|text| !text.is_empty());
        texts
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_readable_text_of_content_is_found() {
        let json = br#"{"title":"t","body":"b","data":{"a":["x",{"c":"y"}],"n":1,"e":""}}"#;
        let content = Content::from_json(json).unwrap();
        assert_eq!(content.texts(), ["t", "b", "x", "y"]);
        assert_eq!(
            content.to_json().as_slice(),
            br#"{"title":"t","body":"b","data":{"a":["x",{"c":"y"}],"e":"","n":1}}"#
        );
    }
}
