//! APNs, as Apple's pages describe it: HTTP/2, provider tokens, one push per request.
//!
//! Owns Apple's rules and answers. Knows nothing of sockets, scripts and records: those are `exchange`'s and
//! `wire`'s. Written from Apple's documents alone. Read next: `judge`.

pub(crate) mod answer;
pub(crate) mod binding;
pub(crate) mod judge;
pub(crate) mod patience;
mod payload;
mod provider_token;
mod push_type;
pub(crate) mod reason;
pub(crate) mod refusals;
pub(crate) mod request_headers;
pub(crate) mod team;
pub(crate) mod teams;

/// The bundle id within a topic, whatever its suffix.
pub(crate) fn bundle_id(topic: &str) -> &str {
    push_type::PushType::of_topic(topic).bundle_id(topic).unwrap_or(topic)
}
