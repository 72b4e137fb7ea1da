//! Readable content: the only place where it exists, and the two ways out of it.
//!
//! [`ReadableContent`] implements neither `Debug`, `Display`, `Serialize` nor `Clone`, is overwritten when
//! dropped, and is consumed by [`ReadableContent::treat`], which seals it, leaves it out, or, where operator,
//! app and sender all allow it, lets it pass readable as a [`ClearContent`]. Nothing that stores, logs, queues
//! or sends takes it. Must not do I/O. Read next: `sealing.rs`.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::sealing::seal;
use crate::base::UnixMillis;
use crate::model::{ClearContent, DeliveryId, Payload, Reference, RelayKey, SubscriptionId};

/// The longest content that any envelope holds, in bytes of its JSON.
pub const MAX_CONTENT: usize = sealpush_seal::MAX_CONTENT;

/// Why content is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// It is not an object with the members that content has. Says no more: a parser's message may quote it.
    #[error("content must be a JSON object with the strings title and body, and optionally the object data")]
    Form,
    /// `data` is not an object.
    #[error("content.data must be a JSON object")]
    DataNotAnObject,
    /// It does not fit into the largest envelope.
    #[error("content is {0} bytes of JSON, and an envelope holds at most {MAX_CONTENT}")]
    TooLarge(usize),
}

/// A notification's content, readable: `title`, `body` and optional `data`, as one JSON object.
pub struct ReadableContent(Zeroizing<Vec<u8>>);

/// What is done with the content for one target.
pub enum Treatment<'a> {
    /// It is sealed for the device.
    Seal {
        /// The subscription's public key.
        key: &'a RelayKey,
    },
    /// It is left out.
    Omit {
        /// By which the app fetches it from its own server.
        reference: Option<Reference>,
    },
    /// It goes out readable.
    Clear,
}

/// One target of a notification that came with readable content.
pub struct Treated<'a> {
    /// The subscription that it goes to.
    pub subscription: SubscriptionId,
    /// The delivery's id.
    pub delivery: DeliveryId,
    /// What is done with the content.
    pub treatment: Treatment<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    title: Zeroizing<String>,
    body: Zeroizing<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl ReadableContent {
    /// Reads the JSON object that a sender gave.
    pub fn parse(json: &str) -> Result<Self, ContentError> {
        let wire: Wire<'_> = serde_json::from_str(json).map_err(|_| ContentError::Form)?;
        if wire.data.is_some_and(|data| !data.get().starts_with('{')) {
            return Err(ContentError::DataNotAnObject);
        }
        // The device is given one spelling, without white space around the members, which would cost room. And
        // the room is taken at once: a buffer that grows leaves copies of itself behind. A character takes six
        // bytes at most (`\u001f`), and never more than it took in the sender's spelling but for the white space.
        let most =
            6 * (wire.title.len() + wire.body.len()) + wire.data.map_or(0, |data| data.get().len()) + 32;
        let mut spelled = Zeroizing::new(Vec::with_capacity(most));
        spelled.extend_from_slice(b"{\"title\":");
        spell(&mut spelled, &wire.title);
        spelled.extend_from_slice(b",\"body\":");
        spell(&mut spelled, &wire.body);
        if let Some(data) = wire.data {
            spelled.extend_from_slice(b",\"data\":");
            spelled.extend_from_slice(data.get().as_bytes());
        }
        spelled.push(b'}');
        if spelled.len() > MAX_CONTENT {
            return Err(ContentError::TooLarge(spelled.len()));
        }
        Ok(Self(spelled))
    }

    /// Consumes the content: what remains is one payload for each target, in their order.
    ///
    /// Sealing costs tens of microseconds a target; the task gives way to others now and then.
    pub async fn treat(self, targets: &[Treated<'_>], now: UnixMillis) -> Vec<Payload> {
        let mut payloads = Vec::with_capacity(targets.len());
        let mut clear = None;
        for (index, target) in targets.iter().enumerate() {
            if index % 16 == 15 {
                tokio::task::yield_now().await;
            }
            payloads.push(match &target.treatment {
                Treatment::Seal { key } => seal(&self.0, target.subscription, key, target.delivery, now),
                Treatment::Omit { reference } => Payload::Omitted { reference: reference.clone() },
                Treatment::Clear => {
                    let content = clear.get_or_insert_with(|| ClearContent::from_json(text(&self.0)));
                    Payload::Clear(content.clone())
                }
            });
        }
        payloads
    }
}

/// Appends `text` as a JSON string.
fn spell(buffer: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(buffer, text).expect("a buffer takes every string");
}

fn text(json: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(std::str::from_utf8(json).expect("it was made of text").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(text: &str) -> Option<String> {
        ReadableContent::parse(text).ok().map(|content| super::text(&content.0).to_string())
    }

    #[test]
    fn content_is_kept_as_it_came_but_for_white_space() {
        let given = r#" { "body": "b\n", "title":"ü", "data": {"k": [1, 2]} } "#;
        assert_eq!(json_of(given).as_deref(), Some(r#"{"title":"ü","body":"b\n","data":{"k": [1, 2]}}"#));
    }

    #[test]
    fn content_has_a_title_and_a_body_and_nothing_unknown() {
        for bad in [r#"{"title":"t"}"#, r#"{"title":"t","body":"b","x":1}"#, r#""t""#, "{"] {
            assert!(matches!(ReadableContent::parse(bad), Err(ContentError::Form)), "{bad}");
        }
        let list = r#"{"title":"t","body":"b","data":[1]}"#;
        assert!(matches!(ReadableContent::parse(list), Err(ContentError::DataNotAnObject)));
    }

    #[test]
    fn content_that_no_envelope_holds_is_refused_and_never_cut() {
        let of = |n: usize| format!(r#"{{"title":"","body":"{}"}}"#, "x".repeat(n));
        let frame = of(0).len();
        assert!(ReadableContent::parse(&of(MAX_CONTENT - frame)).is_ok());
        let over = ReadableContent::parse(&of(MAX_CONTENT - frame + 1));
        assert!(matches!(over, Err(ContentError::TooLarge(n)) if n == MAX_CONTENT + 1));
    }
}
