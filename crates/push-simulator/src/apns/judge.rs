//! Whether APNs takes a push request, and what for.
//!
//! Owns the order of the checks; each check lives in its own file. Decides only: delivering and answering are
//! `exchange`'s. Read next: `binding`, `request_headers`, `payload`.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::apns::binding::{Binding, Surroundings};
use crate::apns::reason::Reason;
use crate::apns::{payload, request_headers};
use crate::devices::{Death, Device, Devices, Home};

const PREFIX: &str = "/3/device/";

/// A push that APNs takes.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) device: Arc<Device>,
    pub(crate) payload: Value,
}

/// Judges a request on a connection.
pub(crate) fn judge(
    request: &Request<Bytes>,
    binding: &mut Binding,
    devices: &Devices,
    around: Surroundings<'_>,
) -> Result<Accepted, Reason> {
    let token = device_token(request)?;
    let headers = request.headers();
    request_headers::check_duplicates(headers)?;
    let authority = binding.admit(provider_token(request)?, around)?;
    let read = request_headers::read(headers)?;
    if !authority.may_push_to(read.bundle_id) {
        return Err(Reason::TopicDisallowed);
    }
    let payload = payload::read(request.body(), read.push_type, read.push_type_given)?;
    let device = find(token, read.topic, devices, around)?;
    binding.bind(&authority);
    Ok(Accepted { device, payload })
}

/// The device token of a request, as far as the path has one.
pub(crate) fn path_token(path: &str) -> Option<&str> {
    path.strip_prefix(PREFIX).filter(|token| !token.is_empty() && !token.contains('/'))
}

fn device_token(request: &Request<Bytes>) -> Result<&str, Reason> {
    let path = request.uri().path();
    if path == PREFIX || path == PREFIX.trim_end_matches('/') {
        return Err(Reason::MissingDeviceToken);
    }
    let token = path_token(path).ok_or(Reason::BadPath)?;
    if request.method() != Method::POST {
        return Err(Reason::MethodNotAllowed);
    }
    Ok(token)
}

fn provider_token(request: &Request<Bytes>) -> Result<&str, Reason> {
    let value = request.headers().get("authorization").ok_or(Reason::MissingProviderToken)?;
    let value = value.to_str().map_err(|_| Reason::InvalidProviderToken)?;
    let (scheme, token) = value.split_once(' ').ok_or(Reason::InvalidProviderToken)?;
    // RFC 9110 section 11.1: the scheme is case-insensitive, though Apple's pages write `bearer`.
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Reason::InvalidProviderToken);
    }
    if token.is_empty() { Err(Reason::MissingProviderToken) } else { Ok(token) }
}

fn find(
    token: &str,
    topic: &str,
    devices: &Devices,
    around: Surroundings<'_>,
) -> Result<Arc<Device>, Reason> {
    if !token.len().is_multiple_of(2) || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Reason::BadDeviceToken);
    }
    let device = match devices.find(token) {
        Some(device) => device,
        None => devices.find(&token.to_ascii_lowercase()).ok_or(Reason::BadDeviceToken)?,
    };
    let Home::Apns { topic: own_topic, environment } = &device.home else {
        return Err(Reason::BadDeviceToken);
    };
    // The other host answers as if it had never seen the token ("Handling notification responses from APNs").
    if *environment != around.environment {
        return Err(Reason::BadDeviceToken);
    }
    if own_topic != topic {
        return Err(Reason::DeviceTokenNotForTopic);
    }
    match device.death() {
        None => Ok(device),
        Some((Death::Unregistered, at_ms)) => Err(Reason::Unregistered(at_ms)),
        Some((Death::Expired, at_ms)) => Err(Reason::ExpiredToken(at_ms)),
    }
}
