//! The request to FCM for one push. Pure.
//!
//! Sources: Firebase, "REST Resource: projects.messages" (members, sizes) and "Set and manage Android message
//! priority". Everything goes as data: what Firebase calls a notification would be readable and shown by the
//! system.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, Version, header};
use serde::Serialize;

use crate::base::UnixMillis;
use crate::model::{Kind, OutboundPush, Payload, Placeholder, Reason, Reference, TokenKind, Urgency};
use crate::push_services::clear_parts::ClearParts;

/// The most that the keys and values of the data may have together, in bytes.
const MAX_DATA: usize = 4096;

/// A message that can be sent, but for the time that remains to it.
pub(super) struct Message<'a> {
    token: &'a str,
    data: Data<'a>,
    priority: &'static str,
    /// `None`: now or never.
    deadline: Option<UnixMillis>,
    collapse_key: Option<String>,
    intent: Intent,
}

/// What FCM shall do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Send it.
    Send,
    /// Judge it, and send nothing (`validate_only` of `projects.messages.send`).
    Validate,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    validate_only: bool,
    message: WireMessage<'a>,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    token: &'a str,
    data: &'a Data<'a>,
    android: Android<'a>,
}

/// The members of `data`, in the order in which they are written. FCM takes strings only.
#[derive(Serialize, Default)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    #[serde(rename = "data", skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

#[derive(Serialize)]
struct Android<'a> {
    priority: &'static str,
    ttl: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    collapse_key: Option<&'a str>,
}

/// The message, or why this push can never be accepted as it is.
pub(super) fn message<'a>(
    push: &OutboundPush<'a>,
    placeholder: &'a Placeholder,
) -> Result<Message<'a>, Reason> {
    // Calls through PushKit are Apple's alone.
    if push.kind == Kind::Voip || push.token_kind == TokenKind::Voip {
        return Err(Reason::ours("kind_not_for_token"));
    }
    let data = match push.payload {
        Payload::Sealed { envelope, .. } => Data { seal: Some(envelope.to_base64url()), ..Data::default() },
        Payload::Omitted { reference } => Data {
            form: Some("omitted"),
            delivery: Some(push.delivery.to_string()),
            reference: reference.as_ref().map(Reference::as_str),
            placeholder: Some(placeholder.as_str()),
            ..Data::default()
        },
        Payload::Clear(content) => {
            let parts = ClearParts::read(content)?;
            Data {
                form: Some("clear"),
                delivery: Some(push.delivery.to_string()),
                more: parts.data_as_text(),
                title: Some(parts.title),
                body: Some(parts.body),
                ..Data::default()
            }
        }
    };
    if data.len() > MAX_DATA {
        return Err(Reason::ours("payload_too_large"));
    }
    Ok(Message {
        token: push.device_token.expose(),
        data,
        // High wakes the device and is meant for what is shown; FCM downgrades apps that use it for all.
        priority: if push.urgency == Urgency::High { "high" } else { "normal" },
        deadline: (!push.now_or_never).then_some(push.deadline),
        collapse_key: push.collapse.map(crate::model::CollapseHash::to_text),
        intent: Intent::Send,
    })
}

impl Message<'_> {
    /// The same for another intent.
    pub(super) fn meant_as(self, intent: Intent) -> Self {
        Self { intent, ..self }
    }

    /// The body of a request that is sent `now`.
    pub(super) fn body(&self, now: UnixMillis) -> Bytes {
        // FCM counts from when it takes the message, so it is told what remains. "0s" is now or never.
        let left = self.deadline.map_or(0, |deadline| deadline.since(now).as_secs());
        let android = Android {
            priority: self.priority,
            ttl: format!("{left}s"),
            collapse_key: self.collapse_key.as_deref(),
        };
        let message = WireMessage { token: self.token, data: &self.data, android };
        let mut json = Vec::with_capacity(MAX_DATA + 512);
        serde_json::to_writer(&mut json, &Body { validate_only: self.intent == Intent::Validate, message })
            .expect("texts serialise into memory");
        json.into()
    }
}

impl Data<'_> {
    /// Keys and values, as FCM counts them.
    fn len(&self) -> usize {
        let of = |key: &str, value: Option<&str>| value.map_or(0, |value| key.len() + value.len());
        of("seal", self.seal.as_deref())
            + of("form", self.form)
            + of("delivery", self.delivery.as_deref())
            + of("reference", self.reference)
            + of("placeholder", self.placeholder)
            + of("title", self.title.as_deref())
            + of("body", self.body.as_deref())
            + of("data", self.more.as_deref())
    }
}

/// Everything before the body. `uri` is the project's `messages:send`.
pub(super) fn head(uri: &Uri, authorization: HeaderValue) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(header::AUTHORIZATION, authorization);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

#[cfg(test)]
mod tests;
