//! The requests that `tests/oracles` holds against a2 and fcm-rs, as the real adapters send them.

use std::fs;
use std::path::Path;

use push_simulator::{Host, Record};
use sealpush::base::UnixMillis;
use sealpush::model::{
    AttemptOutcome, Badge, CollapseHash, DeliveryId, OutboundPush, Payload, PushService, Urgency,
};
use serde_json::{Value, json};

use super::outbound::{Outbound, sealed};
use super::rig::{PROJECT, Rig, START, TOPIC};

const FILE: &str = "tests/oracles/requests.json";
const DELIVERY: &str = "9b2f6c1e-4d3a-4f5b-8c7d-0e1f2a3b4c5d";
/// What stands in the file for the token of a phone, which is another one every time.
const TOKEN: &str = "device-token";

/// A case: what is asked for in neutral words, and the push that asks for it.
struct Case {
    name: &'static str,
    push_service: PushService,
    kind: &'static str,
    priority: u8,
    outbound: Outbound,
}

fn cases(rig: &Rig) -> Vec<Case> {
    let apns = |name, kind, priority, outbound| Case {
        name,
        push_service: PushService::Apns,
        kind,
        priority,
        outbound,
    };
    let fcm = |name, kind, priority, outbound| Case {
        name,
        push_service: PushService::Fcm,
        kind,
        priority,
        outbound,
    };
    let alert = |push_service| rig.outbound(push_service);
    let options = |outbound| Outbound {
        deadline: UnixMillis(START.0 + 90_500),
        collapse: Some(CollapseHash([0xff; 24])),
        badge: Some(Badge(3)),
        sound: Some("ding.caf".parse().unwrap()),
        ..outbound
    };
    let (lax, lazy) = (Urgency::Low, Urgency::VeryLow);
    vec![
        apns("a sealed alert", "alert", 10, alert(PushService::Apns).carrying(sealed().0)),
        apns("an alert without content", "alert", 10, alert(PushService::Apns).carrying(omitted())),
        apns("an alert with every option", "alert", 10, options(alert(PushService::Apns))),
        apns("an alert that can wait", "alert", 5, Outbound { urgency: lax, ..alert(PushService::Apns) }),
        apns("an alert at leisure", "alert", 1, Outbound { urgency: lazy, ..alert(PushService::Apns) }),
        apns("a background push", "background", 5, alert(PushService::Apns).background()),
        apns("a call", "voip", 10, rig.voip().carrying(sealed().0)),
        fcm("a sealed message", "alert", 10, alert(PushService::Fcm).carrying(sealed().0)),
        fcm("a message without content", "alert", 10, alert(PushService::Fcm).carrying(omitted())),
        fcm("a message with every option", "alert", 10, options(alert(PushService::Fcm))),
        fcm("a background message", "background", 5, alert(PushService::Fcm).background()),
    ]
}

fn omitted() -> Payload {
    Payload::Omitted { reference: Some("r-1".parse().unwrap()) }
}

/// What goes beside `aps`, or as `data`: the wire table of docs/ENVELOPE.md.
fn data(case: &Case) -> Value {
    let mut data = match &case.outbound.payload {
        Payload::Sealed { envelope, .. } => json!({"seal": envelope.to_base64url()}),
        Payload::Omitted { reference: None } => json!({"form": "omitted", "delivery": DELIVERY}),
        Payload::Omitted { .. } => json!({"form": "omitted", "delivery": DELIVERY, "reference": "r-1"}),
        Payload::Clear(_) | Payload::Confirm(_) => unreachable!("no case is clear, and none a code"),
    };
    if case.push_service == PushService::Fcm && data["seal"].is_null() {
        data["placeholder"] = json!("New notification");
    }
    data
}

fn asked(case: &Case) -> Value {
    let suffix = if case.kind == "voip" { ".voip" } else { "" };
    let topic = match case.push_service {
        PushService::Apns => format!("{TOPIC}{suffix}"),
        PushService::Fcm => PROJECT.to_owned(),
    };
    json!({
        "device_token": TOKEN, "topic": topic, "kind": case.kind, "priority": case.priority,
        "expires_at": case.outbound.deadline.unix_seconds(), "delivery": DELIVERY,
        "placeholder": "New notification", "badge": case.outbound.badge.map(|badge| badge.0),
        "sound": case.outbound.sound.as_ref().map(sealpush::model::Sound::as_str),
        "collapse_id": case.outbound.collapse.map(CollapseHash::to_text), "data": data(case),
    })
}

/// Path, headers and body, without what is secret or new every time.
fn sent(record: &Record, token: &str) -> Value {
    let headers =
        record.headers.iter().filter(|(name, _)| name != "authorization" && name != "content-length");
    let headers: serde_json::Map<_, _> =
        headers.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let body: Value = serde_json::from_str(&record.body.replace(token, TOKEN)).unwrap();
    json!({"path": record.path.replace(token, TOKEN), "headers": headers, "body": body})
}

async fn request(rig: &Rig, case: &Case) -> Value {
    rig.simulator.clear_records();
    let delivery: DeliveryId = DELIVERY.parse().unwrap();
    let push = OutboundPush { delivery, ..case.outbound.as_push() };
    assert_eq!(rig.services.push(push).await, AttemptOutcome::Accepted, "{}", case.name);
    let records = rig.simulator.records();
    let record = records.iter().find(|record| record.host != Host::Token).unwrap();
    json!({"name": case.name, "push_service": case.push_service.to_string(), "asked": asked(case),
        "sent": sent(record, case.outbound.token())})
}

#[tokio::test]
async fn the_requests_that_the_oracles_read_are_those_that_are_sent() {
    let rig = Rig::start().await;
    let mut requests = Vec::new();
    for case in cases(&rig) {
        requests.push(request(&rig, &case).await);
    }
    let written = format!("{:#}\n", Value::from(requests));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever changes a request")]
    if std::env::var_os("SEALPUSH_WRITE_EXAMPLES").is_some() {
        fs::write(&path, &written).unwrap();
    }
    let advice =
        "run SEALPUSH_WRITE_EXAMPLES=1 cargo test the_requests_that, then tests/peers/oracles/run.sh";
    assert!(fs::read_to_string(&path).unwrap_or_default() == written, "{FILE} is another: {advice}");
}
