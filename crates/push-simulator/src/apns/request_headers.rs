//! The headers of a push request.
//!
//! Owns their forms ("Sending notification requests to APNs", table of header fields). Which topic a team may
//! use is `binding`'s, and what the payload must hold is `payload`'s.

use http::HeaderMap;
use uuid::Uuid;

use crate::apns::push_type::PushType;
use crate::apns::reason::Reason;

/// "Sending notification requests to APNs": the longest collapse id, in bytes.
const MAX_COLLAPSE_ID: usize = 64;

/// The headers of one request, read and found well-formed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RequestHeaders<'a> {
    pub(crate) topic: &'a str,
    pub(crate) bundle_id: &'a str,
    /// What the request says, or else what its topic's suffix says.
    pub(crate) push_type: PushType,
    /// Whether the request said its push type itself.
    pub(crate) push_type_given: bool,
}

/// A header that APNs reads, present more than once.
pub(crate) fn check_duplicates(headers: &HeaderMap) -> Result<(), Reason> {
    let ours = |name: &str| name.starts_with("apns-") || name == "authorization";
    let mut names = headers.keys().filter(|name| ours(name.as_str()));
    if names.any(|name| headers.get_all(name).iter().nth(1).is_some()) {
        return Err(Reason::DuplicateHeaders);
    }
    Ok(())
}

/// The `apns-id` to answer with: the request's, or a new one. A malformed one is answered with a new one too.
pub(crate) fn answer_id(headers: &HeaderMap) -> String {
    match text(headers, "apns-id") {
        Some(id) if is_canonical_uuid(id) => id.to_owned(),
        _ => crate::random::uuid(),
    }
}

/// Reads all headers but the provider token.
pub(crate) fn read(headers: &HeaderMap) -> Result<RequestHeaders<'_>, Reason> {
    if headers.contains_key("apns-id") && !text(headers, "apns-id").is_some_and(is_canonical_uuid) {
        return Err(Reason::BadMessageId);
    }
    if headers.get("apns-collapse-id").is_some_and(|id| id.len() > MAX_COLLAPSE_ID) {
        return Err(Reason::BadCollapseId);
    }
    let expiration = number::<u64>(headers, "apns-expiration", Reason::BadExpirationDate)?;
    let priority = number::<u8>(headers, "apns-priority", Reason::BadPriority)?.unwrap_or(10);
    let topic = topic(headers)?;
    let push_type_given = headers.contains_key("apns-push-type");
    let push_type = if push_type_given {
        text(headers, "apns-push-type").and_then(PushType::parse).ok_or(Reason::InvalidPushType)?
    } else {
        PushType::of_topic(topic)
    };
    let bundle_id = push_type.bundle_id(topic).ok_or(Reason::InvalidPushType)?;
    if !push_type.allows_priority(priority) {
        return Err(Reason::BadPriority);
    }
    // Push to Talk asks for an expiration of 0: nobody wants to hear a sentence later.
    if push_type == PushType::PushToTalk && expiration != Some(0) {
        return Err(Reason::BadExpirationDate);
    }
    Ok(RequestHeaders { topic, bundle_id, push_type, push_type_given })
}

/// A header's value, where it is text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Required with provider tokens; letters, digits, hyphen and dot, as a bundle id is.
fn topic(headers: &HeaderMap) -> Result<&str, Reason> {
    let value = headers.get("apns-topic").ok_or(Reason::MissingTopic)?;
    let topic = value.to_str().map_err(|_| Reason::BadTopic)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if topic.is_empty() || !topic.bytes().all(allowed) {
        return Err(Reason::BadTopic);
    }
    Ok(topic)
}

fn number<N: std::str::FromStr>(headers: &HeaderMap, name: &str, bad: Reason) -> Result<Option<N>, Reason> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let digits =
        value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).ok_or(bad)?;
    digits.parse().map(Some).map_err(|_| bad)
}

/// "Sending notification requests to APNs": 32 lower-case hexadecimal digits in groups of 8-4-4-4-12.
fn is_canonical_uuid(id: &str) -> bool {
    let lower = |byte: u8| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.len() == 36 && id.bytes().all(lower) && Uuid::try_parse(id).is_ok()
}
