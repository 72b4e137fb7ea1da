//! The request to APNs for one push. Pure.
//!
//! Sources: Apple, "Sending notification requests to APNs" (headers), "Generating a remote notification" and
//! "Pushing background updates to your App" (body). The list of what goes into `aps` is closed: everything
//! else about a notification lives in the envelope, which Apple cannot read.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header};
use sealpush_seal::{BUCKETS, OVERHEAD, base64url};
use serde::Serialize;

use super::ApnsCredentialsError;
use crate::model::{Kind, OutboundPush, Payload, Placeholder, Reason, TokenKind, Urgency};
use crate::push_services::clear_parts::ClearParts;

/// The longest body in bytes; calls may have more.
const MAX_BODY: usize = 4096;
const MAX_VOIP_BODY: usize = 5120;

/// The largest envelope in bytes.
const LARGEST_ENVELOPE: usize = BUCKETS[BUCKETS.len() - 1] + OVERHEAD;

/// What the requests of one app have in common, ready to be cloned without copying.
pub(super) struct Topics {
    standard: HeaderValue,
    voip: HeaderValue,
}

impl Topics {
    /// The topics of the app with this bundle id.
    pub(super) fn of(bundle_id: &str) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).expect("a checked bundle id fits a header");
        // Calls go to a topic of their own: the bundle id with `.voip` behind.
        Self { standard: value(bundle_id), voip: value(&format!("{bundle_id}.voip")) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Aps<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutable_content: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_available: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    badge: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sound: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    /// The envelope comes behind: see [`with_seal`].
    Sealed {
        aps: Aps<'a>,
    },
    Omitted {
        aps: Aps<'a>,
        form: &'static str,
        delivery: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Clear {
        aps: Aps<'a>,
        form: &'static str,
        delivery: String,
        #[serde(flatten)]
        parts: ClearParts<'a>,
    },
    Confirm {
        aps: Aps<'a>,
        confirm: String,
    },
}

/// The body, or why this push can never be accepted as it is.
pub(super) fn body(push: &OutboundPush<'_>, placeholder: &Placeholder) -> Result<Bytes, Reason> {
    // A PushKit token is another token than the one for alerts, with a topic of its own.
    let needed = if push.kind == Kind::Voip { TokenKind::Voip } else { TokenKind::Standard };
    if push.token_kind != needed {
        return Err(Reason::ours("kind_not_for_token"));
    }
    let aps = aps(push, placeholder);
    let body = match push.payload {
        Payload::Sealed { .. } => Body::Sealed { aps },
        Payload::Omitted { reference } => Body::Omitted {
            aps,
            form: "omitted",
            delivery: push.delivery.to_string(),
            reference: reference.as_ref().map(crate::model::Reference::as_str),
        },
        Payload::Clear(content) => Body::Clear {
            aps,
            form: "clear",
            delivery: push.delivery.to_string(),
            parts: ClearParts::read(content)?,
        },
        Payload::Confirm(code) => Body::Confirm { aps, confirm: code.reveal() },
    };
    let mut json = serde_json::to_vec(&body).expect("texts and numbers serialise into memory");
    if let Payload::Sealed { envelope, .. } = push.payload {
        json = with_seal(&json, &envelope.to_base64url());
    }
    let most = if push.kind == Kind::Voip { MAX_VOIP_BODY } else { MAX_BODY };
    if json.len() > most { Err(Reason::ours("payload_too_large")) } else { Ok(json.into()) }
}

/// Adds the envelope to a body. Not by the serialiser: it looks at each character for one to be escaped, of which
/// base64url has none, and envelopes are most of what is sent.
fn with_seal(json: &[u8], seal: &str) -> Vec<u8> {
    let others = json.strip_suffix(b"}").expect("the body is an object");
    [others, br#","seal":""#, seal.as_bytes(), br#""}"#].concat()
}

fn aps<'a>(push: &OutboundPush<'a>, placeholder: &'a Placeholder) -> Aps<'a> {
    let empty = Aps { alert: None, mutable_content: None, content_available: None, badge: None, sound: None };
    match push.kind {
        // Without an alert and `mutable-content` the app's extension, which opens the envelope, is not run.
        Kind::Alert => Aps {
            alert: Some(placeholder.as_str()),
            mutable_content: Some(1),
            badge: push.badge.map(|badge| badge.0),
            sound: push.sound.map(crate::model::Sound::as_str),
            ..empty
        },
        // Anything beside `content-available` would make it something to show.
        Kind::Background => Aps { content_available: Some(1), ..empty },
        Kind::Voip => empty,
    }
}

/// Checks that the largest envelope fits beside this placeholder, a badge and the longest sound.
pub(super) fn check_room(placeholder: &Placeholder) -> Result<(), ApnsCredentialsError> {
    // A quote or backslash takes two bytes in JSON, so a sound of quotes is the longest.
    let sound = "\"".repeat(64);
    let aps = Aps {
        alert: Some(placeholder.as_str()),
        mutable_content: Some(1),
        content_available: None,
        badge: Some(u32::MAX),
        sound: Some(&sound),
    };
    let seal = base64url::encode(&[0; LARGEST_ENVELOPE]);
    let json = serde_json::to_vec(&Body::Sealed { aps }).expect("texts and numbers serialise");
    if with_seal(&json, &seal).len() > MAX_BODY { Err(ApnsCredentialsError::Placeholder) } else { Ok(()) }
}

/// Everything before the body.
pub(super) fn head(
    push: &OutboundPush<'_>,
    authority: &Authority,
    topics: &Topics,
    authorization: HeaderValue,
) -> Request<()> {
    let (push_type, topic) = match push.kind {
        Kind::Alert => ("alert", &topics.standard),
        Kind::Background => ("background", &topics.standard),
        Kind::Voip => ("voip", &topics.voip),
    };
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::AUTHORIZATION, authorization);
    headers.insert(HeaderName::from_static("apns-topic"), topic.clone());
    headers.insert(HeaderName::from_static("apns-push-type"), HeaderValue::from_static(push_type));
    headers.insert(HeaderName::from_static("apns-priority"), HeaderValue::from_static(priority(push)));
    headers.insert(HeaderName::from_static("apns-expiration"), unindexed(expiration(push).into()));
    headers.insert(HeaderName::from_static("apns-id"), unindexed(ascii(push.delivery.to_string())));
    if let Some(collapse) = push.collapse {
        headers.insert(HeaderName::from_static("apns-collapse-id"), unindexed(ascii(collapse.to_text())));
    }
    let path = Bytes::from(format!("/3/device/{}", push.device_token.expose()));
    let path = PathAndQuery::from_maybe_shared(path).expect("hexadecimal digits fit a path");
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(Scheme::HTTPS);
    uri.authority = Some(authority.clone());
    uri.path_and_query = Some(path);
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = Uri::from_parts(uri).expect("all three parts are there");
    *request.headers_mut() = headers;
    request
}

/// 10 at once, 5 when it suits the battery, 1 without waking the device. A background notification may have
/// nothing but 5.
fn priority(push: &OutboundPush<'_>) -> &'static str {
    match (push.kind, push.urgency) {
        (Kind::Voip, _) | (Kind::Alert, Urgency::High) => "10",
        (Kind::Background, _) | (Kind::Alert, Urgency::Normal | Urgency::Low) => "5",
        (Kind::Alert, Urgency::VeryLow) => "1",
    }
}

/// Unix seconds; 0 asks for one attempt and no storing.
fn expiration(push: &OutboundPush<'_>) -> u64 {
    if push.now_or_never { 0 } else { u64::try_from(push.deadline.unix_seconds()).unwrap_or(0) }
}

/// These values are new in every request: in HPACK's table they would only push out what repeats. The one way
/// to keep them out is to mark them sensitive.
fn unindexed(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).expect("hexadecimal digits and base64url fit a header")
}

#[cfg(test)]
mod tests;
