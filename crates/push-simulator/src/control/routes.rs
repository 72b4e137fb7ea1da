//! The routes of the control API.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /info?project=P` | addresses, CA, APNs team, and with `project` its service account file |
//! | `POST /devices` | `{"token": …}` of a new phone |
//! | `GET /devices/{token}/pushes?after=N&wait=SECONDS` | `{"pushes": […]}` numbered above N; waits for the first one |
//! | `DELETE /devices/{token}?at_ms=T&because=expired` | the app leaves the phone, or gets another token |
//! | `POST /keys`, `DELETE /keys/{key_id}` | another signing key, shown once; revokes one |
//! | `POST /topics` | a bundle id for a team |
//! | `DELETE /access_tokens` | no access token is good any more |
//! | `GET /reasons` | every refusal that can be asked for by name |
//! | `GET`, `POST`, `DELETE /rules` | the script: rules in force, one more, none |
//! | `GET`, `DELETE /records` | `{"records": […]}`; forgets them |
//! | `POST /goaway` | every connection says goodbye |
//!
//! What is not found is 404, what is not understood 400, both with `{"error": "a sentence"}`.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::apns::refusals::APNS_REFUSALS;
use crate::apns::team::ApnsKeyScope;
use crate::control::requests::{Goodbye, NewDevice, NewKey, NewTopic, TokenKind, query_is, query_number};
use crate::devices::Death;
use crate::endpoint::Endpoint;
use crate::fcm::failure::FcmFailure;
use crate::fcm::oauth_failure::OauthFailure;
use crate::rule::Rule;
use crate::simulator::Core;

const MAX_BODY: usize = 1024 * 1024;
/// A long poll ends here at the latest, whatever was asked.
const MAX_WAIT_SECONDS: u64 = 300;

/// A status and what to say with it.
type Outcome = Result<(StatusCode, Value), (StatusCode, String)>;

/// Answers a request.
pub(crate) async fn answer(core: &Core, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query();
    let path: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    let outcome = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => route(core, &parts.method, &path, query, &body.to_bytes()).await,
        Err(error) => Err((StatusCode::BAD_REQUEST, error.to_string())),
    };
    let (status, body) = outcome.unwrap_or_else(|(status, error)| (status, json!({ "error": error })));
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .expect("a constant header is valid")
}

async fn route(core: &Core, method: &Method, path: &[&str], query: Option<&str>, body: &[u8]) -> Outcome {
    let world = &core.world;
    match (method.as_str(), path) {
        ("GET", ["info"]) => Ok((StatusCode::OK, info(core, query))),
        ("POST", ["devices"]) => Ok((StatusCode::CREATED, json!({"token": new_device(core, &parse(body)?)}))),
        ("GET", ["devices", token, "pushes"]) => pushes(core, token, query).await,
        ("DELETE", ["devices", token]) => {
            let at_ms = query_number(query, "at_ms").unwrap_or_else(|| world.config.clock.now_ms());
            let expired = query_is(query, "because", "expired");
            let death = if expired { Death::Expired } else { Death::Unregistered };
            if world.devices.kill(token, death, at_ms) { Ok(done()) } else { Err(unknown_device()) }
        }
        ("POST", ["keys"]) => new_key(core, parse(body)?),
        ("DELETE", ["keys", key_id]) => {
            let revoked = world.teams.revoke_key(key_id);
            revoked.then(done).ok_or((StatusCode::NOT_FOUND, "No team has this key.".to_owned()))
        }
        ("POST", ["topics"]) => {
            let NewTopic { topic, team_id } = parse(body)?;
            world.teams.add_topic(team_id.as_ref().unwrap_or(&core.team.team_id), &topic);
            Ok(done())
        }
        ("DELETE", ["access_tokens"]) => {
            world.accounts.revoke_all();
            Ok(done())
        }
        ("GET", ["reasons"]) => Ok((StatusCode::OK, reasons())),
        ("GET", ["rules"]) => Ok((StatusCode::OK, json!({"rules": world.script.rules()}))),
        ("POST", ["rules"]) => {
            world.script.add(parse::<Rule>(body)?);
            Ok(done())
        }
        ("DELETE", ["rules"]) => {
            world.script.clear();
            Ok(done())
        }
        ("GET", ["records"]) => {
            let (records, broken) = (world.journal.records(), world.journal.broken());
            Ok((StatusCode::OK, json!({"records": records, "broken_connections": broken})))
        }
        ("DELETE", ["records"]) => {
            world.journal.clear();
            Ok(done())
        }
        ("POST", ["goaway"]) => {
            let goodbye: Goodbye = if body.is_empty() { Goodbye::default() } else { parse(body)? };
            core.goaway_all(goodbye.reason.as_deref().unwrap_or("Shutdown"));
            Ok(done())
        }
        _ => Err((StatusCode::NOT_FOUND, format!("There is no {method} /{}.", path.join("/")))),
    }
}

/// What a client has to know before its first push. `project`: also the service account of this project.
pub(crate) fn info(core: &Core, query: Option<&str>) -> Value {
    let project = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("project=")));
    json!({
        "apns": {"production": core.apns_production.url(), "sandbox": core.apns_sandbox.url()},
        "fcm": core.fcm.url(),
        "token": core.world.accounts.token_url(),
        "control": core.control.as_ref().map(Endpoint::url),
        "ca_pem": core.certificates.ca_pem,
        "apns_team": core.team,
        "service_account": project.map(|project| core.world.accounts.key_file(project)),
    })
}

fn new_device(core: &Core, device: &NewDevice) -> String {
    match device {
        NewDevice::Fcm { project } => core.fcm_device(project),
        NewDevice::Apns { topic, environment, token_kind: TokenKind::Standard } => {
            core.apns_device(topic, *environment)
        }
        NewDevice::Apns { topic, environment, token_kind: TokenKind::Voip } => {
            core.apns_device(&format!("{topic}.voip"), *environment)
        }
    }
}

fn new_key(core: &Core, NewKey { team_id, environment, topics }: NewKey) -> Outcome {
    let team_id = team_id.as_ref().unwrap_or(&core.team.team_id);
    let key = core.world.teams.add_key(team_id, ApnsKeyScope { environment, topics });
    match key {
        Ok(key) => Ok((StatusCode::CREATED, json!(key))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}

fn reasons() -> Value {
    let apns: Vec<_> =
        APNS_REFUSALS.iter().map(|(status, reason)| json!({"status": status, "reason": reason})).collect();
    json!({"apns_refusal": apns, "fcm_failure": FcmFailure::ALL, "oauth_failure": OauthFailure::ALL})
}

async fn pushes(core: &Core, token: &str, query: Option<&str>) -> Outcome {
    let device = core.world.devices.find(token).ok_or_else(unknown_device)?;
    let after = query_number(query, "after").and_then(|after| usize::try_from(after).ok()).unwrap_or(0);
    let wait = query_number(query, "wait").unwrap_or(0).min(MAX_WAIT_SECONDS);
    if wait > 0 {
        // Whether one came or the time ran out: what is there is the answer.
        let _ran_out = tokio::time::timeout(Duration::from_secs(wait), device.next_push(after)).await;
    }
    Ok((StatusCode::OK, json!({"pushes": device.pushes(after)})))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}

fn done() -> (StatusCode, Value) {
    (StatusCode::OK, json!({}))
}

fn unknown_device() -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, "No device has this token.".to_owned())
}
