//! One request and its answer, whatever the host.
//!
//! Owns the order of things: script's faults, judgement, script's answer, delivery, record, delay. Knows
//! nothing of sockets: `wire` turns an [`Ending`] into frames. Read next: `apns::judge`, `fcm`.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::header::DATE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use serde_json::Value;

use crate::apns::binding::Surroundings;
use crate::apns::judge::Accepted;
use crate::apns::patience::Reaction;
use crate::apns::reason::Reason;
use crate::devices::Device;
use crate::environment::Environment;
use crate::host::Host;
use crate::journal::Circumstances;
use crate::peer::Peer;
use crate::push::Push;
use crate::quotas::Measure;
use crate::rule::Effect;
use crate::script::Subject;
use crate::world::World;
use crate::{apns, fcm};

/// How a request ends for the one who sent it.
#[derive(Debug)]
pub(crate) enum Ending {
    /// With an answer.
    Answer(Response<Bytes>),
    /// Never.
    Silence,
    /// With the connection.
    Break,
    /// Unprocessed, and told so.
    Refuse,
    /// With a GOAWAY: behind the answer, or instead of one where the request was not processed.
    GoAway { answer: Option<Response<Bytes>>, reason: Option<String> },
}

/// Handles a request from its last byte to its end.
pub(crate) async fn run(world: &World, host: Host, peer: &Peer, request: &Request<Bytes>) -> Ending {
    let (scripted, ending) = follow_script(world, host, peer, request);
    let reaction = react(world, host, peer, &ending);
    let delay = scripted + reaction.delay;
    if delay > Duration::ZERO {
        tokio::time::sleep(delay).await;
    }
    match ending {
        Ending::Answer(answer) if reaction.closes => Ending::GoAway { answer: Some(answer), reason: None },
        ending => ending,
    }
}

/// How a request ends by script and judgement, and how much later the script wants it to.
fn follow_script(world: &World, host: Host, peer: &Peer, request: &Request<Bytes>) -> (Duration, Ending) {
    if world.script.is_empty() {
        return (Duration::ZERO, Ending::Answer(handle(world, host, peer, request, false)));
    }
    let arrival = world.script.arrival(&subject(host, request));
    let ending = match arrival.fault {
        Some(Effect::BreakBefore) => Ending::Break,
        Some(Effect::RefuseStream) => Ending::Refuse,
        Some(Effect::GoAway { reason, answered: false }) => Ending::GoAway { answer: None, reason },
        Some(Effect::GoAway { reason, answered: true }) => {
            Ending::GoAway { answer: Some(handle(world, host, peer, request, false)), reason }
        }
        Some(Effect::Silence) => {
            record(world, host, peer, request, None, false);
            Ending::Silence
        }
        Some(Effect::BreakAfter) => {
            handle(world, host, peer, request, true);
            Ending::Break
        }
        _ => Ending::Answer(handle(world, host, peer, request, false)),
    };
    (arrival.delay, ending)
}

/// What APNs' patience makes of an answer.
fn react(world: &World, host: Host, peer: &Peer, ending: &Ending) -> Reaction {
    match ending {
        Ending::Answer(answer) if host.environment().is_some() => {
            let mut patience = peer.patience.lock().unwrap_or_else(PoisonError::into_inner);
            patience.answered(answer, world.config.apns_patience, world.config.apns_pause)
        }
        _ => Reaction::default(),
    }
}

fn handle(world: &World, host: Host, peer: &Peer, request: &Request<Bytes>, lost: bool) -> Response<Bytes> {
    let mut response = match (host, host.environment()) {
        (_, Some(environment)) => apns_answer(world, environment, peer, request),
        (Host::Token, _) => token_answer(world, request),
        _ => fcm_answer(world, request),
    };
    // Google's hosts say what time it is, like every origin server with a clock (RFC 9110 section 6.6.1).
    // Apple documents no such header.
    if host.environment().is_none() {
        let now = UNIX_EPOCH + Duration::from_millis(world.config.clock.now_ms());
        let date = HeaderValue::from_str(&httpdate::fmt_http_date(now));
        response.headers_mut().insert(DATE, date.expect("a date fits a header"));
    }
    record(world, host, peer, request, Some(&response), lost);
    response
}

fn apns_answer(
    world: &World,
    environment: Environment,
    peer: &Peer,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let apns_id = apns::request_headers::answer_id(request.headers());
    let around = Surroundings {
        teams: &world.teams,
        environment,
        now_seconds: world.config.clock.now_seconds(),
        token_gap_seconds: world.config.provider_token_gap_seconds,
    };
    let judged = {
        let mut binding = peer.binding.lock().unwrap_or_else(PoisonError::into_inner);
        apns::judge::judge(request, &mut binding, &world.devices, around)
    };
    let Accepted { device, payload } = match judged {
        Ok(accepted) => accepted,
        Err(reason) => return apns::answer::refused(reason, &apns_id, environment),
    };
    if !has_quota(world, request) {
        return apns::answer::refused(Reason::TooManyRequests, &apns_id, environment);
    }
    match scripted(world, Host::apns(environment), request) {
        Some(Effect::ApnsRefusal { status, reason, timestamp }) => {
            apns::answer::scripted(status_code(status), &reason, timestamp, &apns_id, environment)
        }
        Some(other) => plain(&other),
        None => {
            deliver(world, &device, || (phone_headers(request.headers(), &apns_id), payload));
            apns::answer::accepted(&apns_id, environment)
        }
    }
}

/// "Handling notification responses from APNs": `TooManyRequests` is about one device token.
fn has_quota(world: &World, request: &Request<Bytes>) -> bool {
    let Some(limit) = world.config.apns_device_per_minute else { return true };
    let token = apns::judge::path_token(request.uri().path()).unwrap_or_default().to_ascii_lowercase();
    world.quotas.take(Measure::DeviceMinute, &token, Some(limit), world.config.clock.now_ms())
}

fn fcm_answer(world: &World, request: &Request<Bytes>) -> Response<Bytes> {
    let accepted = match fcm::judge::judge(request, world) {
        Ok(accepted) => accepted,
        Err(failure) => return failure.response(),
    };
    if let Some(other) = scripted(world, Host::Fcm, request) {
        return plain(&other);
    }
    if let Some(device) = &accepted.device {
        deliver(world, device, || (BTreeMap::new(), accepted.message.clone()));
    }
    fcm::judge::accepted(&accepted)
}

fn token_answer(world: &World, request: &Request<Bytes>) -> Response<Bytes> {
    let grant = match fcm::oauth::judge(request, world) {
        Ok(grant) => grant,
        Err(refusal) => return refusal.response(),
    };
    match scripted(world, Host::Token, request) {
        Some(other) => plain(&other),
        None => fcm::oauth::granted(world, &grant),
    }
}

fn deliver(world: &World, device: &Device, message: impl FnOnce() -> (BTreeMap<String, String>, Value)) {
    if !world.config.record {
        device.count();
        return;
    }
    let (headers, body) = message();
    let push = Push { number: 0, at_ms: world.config.clock.now_ms(), headers, body };
    device.deliver(push, world.config.record_limit);
}

fn scripted(world: &World, host: Host, request: &Request<Bytes>) -> Option<Effect> {
    if world.script.is_empty() { None } else { world.script.answer(&subject(host, request)) }
}

/// An answer that needs nothing of the request.
fn plain(effect: &Effect) -> Response<Bytes> {
    match effect {
        Effect::Answer { status, headers, body } => {
            let mut response = Response::new(Bytes::from(body.clone()));
            *response.status_mut() = status_code(*status);
            for (name, value) in headers {
                // A name or value that HTTP cannot carry is left out: the rest of the answer still stands.
                if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
                    response.headers_mut().append(name, value);
                }
            }
            response
        }
        Effect::FcmFailure { failure, retry_after } => failure.response(retry_after.as_deref()),
        Effect::OauthFailure { failure, retry_after } => failure.response(retry_after.as_deref()),
        Effect::ApnsRefusal { status, reason, timestamp } => {
            let id = crate::random::uuid();
            apns::answer::scripted(status_code(*status), reason, *timestamp, &id, Environment::Production)
        }
        fault => unreachable!("{fault:?} is no answer: the script tells the two apart"),
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn record(
    world: &World,
    host: Host,
    peer: &Peer,
    request: &Request<Bytes>,
    answer: Option<&Response<Bytes>>,
    answer_lost: bool,
) {
    if world.config.record {
        let at_ms = world.config.clock.now_ms();
        world
            .journal
            .write(request, Circumstances { at_ms, host, connection: peer.number, answer, answer_lost });
    }
}

fn subject(host: Host, request: &Request<Bytes>) -> Subject {
    let path = request.uri().path();
    let mut subject = Subject { host, device: None, topic: None, project: None };
    match host {
        Host::ApnsProduction | Host::ApnsSandbox => {
            subject.device = apns::judge::path_token(path).map(str::to_ascii_lowercase);
            subject.topic = apns::request_headers::text(request.headers(), "apns-topic").map(str::to_owned);
        }
        Host::Fcm => {
            subject.project = fcm::judge::path_project(path).map(str::to_owned);
            subject.device = fcm::judge::body_token(request.body());
        }
        Host::Token => {}
    }
    subject
}

fn phone_headers(headers: &HeaderMap, apns_id: &str) -> BTreeMap<String, String> {
    let ours = headers.iter().filter(|(name, _)| name.as_str().starts_with("apns-"));
    let mut kept: BTreeMap<_, _> = ours
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    kept.insert("apns-id".to_owned(), apns_id.to_owned());
    kept
}
