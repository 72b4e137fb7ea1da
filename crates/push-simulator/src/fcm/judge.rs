//! Whether FCM takes a send request, and what for.
//!
//! Owns the order of the checks; each check lives in its own file. Decides only: delivering and answering are
//! `exchange`'s. Read next: `message`, `accounts`.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::devices::{Device, Home};
use crate::fcm::error_body;
use crate::fcm::failure::FcmFailure;
use crate::fcm::message::{SendRequest, Target};
use crate::fcm::violation::Violation;
use crate::quotas::Measure;
use crate::world::World;

/// A message that FCM takes.
#[derive(Debug)]
pub(crate) struct Accepted {
    project: String,
    validate_only: bool,
    /// Who gets it; nobody for a topic or where the message was only to be checked.
    pub(crate) device: Option<Arc<Device>>,
    pub(crate) message: Value,
}

/// Why FCM does not take a request.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No such URL: the front end's own page.
    NoSuchUrl,
    /// One of the documented failures.
    Failure(FcmFailure),
    /// The request itself is wrong.
    Violation(Violation),
}

impl Refusal {
    /// The answer.
    pub(crate) fn response(&self) -> Response<Bytes> {
        match self {
            Self::NoSuchUrl => {
                error_body::html(StatusCode::NOT_FOUND, "The requested URL was not found on this server.")
            }
            Self::Failure(failure) => failure.response(None),
            Self::Violation(violation) => violation.response(),
        }
    }
}

impl From<FcmFailure> for Refusal {
    fn from(failure: FcmFailure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

/// Judges a request.
pub(crate) fn judge(request: &Request<Bytes>, world: &World) -> Result<Accepted, Refusal> {
    let project = path_project(request.uri().path()).ok_or(Refusal::NoSuchUrl)?;
    if request.method() != Method::POST {
        return Err(Refusal::NoSuchUrl);
    }
    let now_ms = world.config.clock.now_ms();
    let bearer = bearer(request).ok_or(FcmFailure::Unauthenticated)?;
    let access = world.accounts.access(bearer, now_ms).ok_or(FcmFailure::Unauthenticated)?;
    if !access.may_send {
        return Err(FcmFailure::PermissionDenied.into());
    }
    if access.project != project {
        let known = world.accounts.has_project(project);
        let failure = if known { FcmFailure::PermissionDenied } else { FcmFailure::ProjectNotFound };
        return Err(failure.into());
    }
    // "Throttling and quotas": refused requests count too.
    if !world.quotas.take(Measure::ProjectMinute, project, world.config.fcm_quotas.project_per_minute, now_ms)
    {
        return Err(FcmFailure::QuotaExceeded.into());
    }
    let send = SendRequest::parse(request.body())?;
    let device = match &send.target {
        Target::Token(token) => {
            let device = find(token, project, world)?;
            check_device_quotas(token, &send.message, world, now_ms)?;
            Some(device)
        }
        Target::Topic => None,
    };
    Ok(Accepted {
        project: project.to_owned(),
        validate_only: send.validate_only,
        device: device.filter(|_| !send.validate_only),
        message: Value::Object(send.message),
    })
}

/// The answer to an accepted message: its name.
pub(crate) fn accepted(accepted: &Accepted) -> Response<Bytes> {
    let id = if accepted.validate_only {
        "fake_message_id".to_owned()
    } else {
        format!("0:{}", hex::encode(crate::random::bytes::<16>()))
    };
    let name = format!("projects/{}/messages/{id}", accepted.project);
    error_body::json_response(StatusCode::OK, &json!({ "name": name }))
}

/// The project that a path names.
pub(crate) fn path_project(path: &str) -> Option<&str> {
    let project = path.strip_prefix("/v1/projects/")?.strip_suffix("/messages:send")?;
    (!project.is_empty() && !project.contains('/')).then_some(project)
}

/// The registration token in a body, as far as one can be read.
pub(crate) fn body_token(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let message = body.get("message")?;
    message.get("token").or_else(|| message.get("fid"))?.as_str().map(str::to_owned)
}

fn bearer(request: &Request<Bytes>) -> Option<&str> {
    let value = request.headers().get("authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn find(token: &str, project: &str, world: &World) -> Result<Arc<Device>, FcmFailure> {
    if !has_token_shape(token) {
        return Err(FcmFailure::InvalidToken);
    }
    // A well-formed token that nobody has, or has any more, is one that was never or is no longer registered.
    let device = world.devices.find(token).ok_or(FcmFailure::Unregistered)?;
    if device.death().is_some() {
        return Err(FcmFailure::Unregistered);
    }
    match &device.home {
        Home::Fcm { project: own } if own == project => Ok(device),
        Home::Fcm { .. } => Err(FcmFailure::SenderIdMismatch),
        Home::Apns { .. } => Err(FcmFailure::InvalidToken),
    }
}

fn check_device_quotas(
    token: &str,
    message: &Map<String, Value>,
    world: &World,
    now_ms: u64,
) -> Result<(), FcmFailure> {
    let quotas = &world.config.fcm_quotas;
    // A token and the installation id that begins it are the same device.
    let device = token.split(':').next().unwrap_or_default();
    let is_collapsible = message.get("android").is_some_and(|android| android["collapse_key"].is_string());
    let measures = [
        (Measure::DeviceMinute, quotas.device_per_minute),
        (Measure::DeviceHour, quotas.device_per_hour),
        (Measure::DeviceCollapsible, quotas.collapsible_burst.filter(|_| is_collapsible)),
    ];
    if measures.into_iter().all(|(measure, size)| world.quotas.take(measure, device, size, now_ms)) {
        Ok(())
    } else {
        Err(FcmFailure::DeviceQuotaExceeded)
    }
}

/// An installation id of 22 characters; in a registration token followed by a colon and a long base64url
/// string.
fn has_token_shape(token: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let (id, rest) = token.split_once(':').map_or((token, None), |(id, rest)| (id, Some(rest)));
    let is_rest = |rest: &str| rest.len() >= 100 && rest.bytes().all(allowed);
    id.len() == 22 && id.bytes().all(allowed) && rest.is_none_or(is_rest)
}
