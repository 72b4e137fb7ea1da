//! The secrets of those who join, register and prove themselves, and what interrupts a relay: nothing of them stays, also
//! not in a backup or after a crash. Read next: `canary.rs`, about what is notified.

use std::time::Duration;

use http::Method;
use push_simulator::Record;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::places::{bytes_of, written_files};
use super::scan::{Canary, found};
use crate::support::{Answer, Client, Device, Sender, World, fcm, sealed};

const TITLE: &str = "c4nary-slow-title-0d15ea5e";
/// What the relay is allowed to keep: by it the scan proves that it reads what it should.
const SENDER_NAME: &str = "c4nary-control-joined";

/// A relay of its own process with everything switched on that asks for a secret.
async fn world() -> World {
    World::builder()
        .own_process()
        .leaves_work()
        .config("logs", "level = \"trace\"\naccess = true")
        .config("limits", "request_seconds = 1")
        .app("confirm = \"required\"")
        .start()
        .await
}

fn text(answer: &Answer, member: &str) -> String {
    answer.json()[member].as_str().unwrap_or_else(|| panic!("no {member}: {answer:?}")).to_owned()
}

/// A token of ours, and the secret in it.
fn credential(name: &'static str, token: &str) -> [Canary; 2] {
    let bytes = sealpush_seal::base64url::decode(&token[5..]).unwrap();
    [Canary::text(name, token), Canary::bytes(name, &bytes[16..48])]
}

/// An invite that is used, one that is refused, and an operator's token that is used over TCP.
async fn join(world: &World, secrets: &mut Vec<Canary>) -> Sender {
    let invited = world.admin.post("/admin/invites", None, &json!({"count": 2})).await;
    let codes = invited.json()["invites"].clone();
    let code = |which: usize| codes[which]["code"].as_str().unwrap().to_owned();
    secrets.extend([0, 1].map(|which| Canary::text("invite", &code(which))));
    let joined =
        world.relay.post("/v1/senders", None, &json!({"name": SENDER_NAME, "invite": code(0)})).await;
    let sender = Sender { id: text(&joined, "id"), credential: text(&joined, "credential") };
    let again = world.relay.post("/v1/senders", None, &json!({"name": "b", "invite": code(0)})).await;
    assert!(again.status.is_client_error() || again.status.is_success(), "{again:?}");
    let malformed = world.relay.post("/v1/senders", None, &json!({"nam": "c", "invite": code(1)})).await;
    assert_eq!(malformed.status, 422, "{malformed:?}");
    let token = text(&world.admin.post("/admin/tokens", None, &json!({"role": "viewer"})).await, "token");
    assert_eq!(world.operator.get("/admin/senders", Some(&token)).await.status, 200);
    assert_eq!(world.operator.call(Method::POST, "/admin/reload", Some(&token), None).await.status, 403);
    secrets.extend(credential("sender credential", &sender.credential));
    secrets.extend(credential("operator token", &token));
    sender
}

/// A device that proves its token, after a false proof, and one whose registration is handed on sealed, twice.
async fn register(world: &World, sender: &Sender, secrets: &mut Vec<Canary>) -> (Device, Vec<Canary>) {
    let phone = world.android(sender, false).await;
    let other = world.simulator.fcm_device(crate::support::PROJECT);
    let pending = world.relay.post("/v1/registrations", None, &fcm(&other)).await;
    let (registration, holder) = (text(&pending, "registration"), text(&pending, "credential"));
    let confirm = format!("/v1/registrations/{registration}/confirm");
    let guess = json!({"code": sealpush_seal::base64url::encode(&[9; 16])});
    assert!(world.relay.post(&confirm, Some(&holder), &guess).await.status.is_client_error());
    let codes = [world.code(&phone.token, 0).await, world.code(&other, 0).await];
    let plaintext = sealed::plaintext(world);
    let token = match &plaintext.device_token {
        sealpush_seal::registration::DeviceToken::Apns { token, .. } => token.to_string(),
        _ => unreachable!("the plaintext is an iPhone's"),
    };
    let wire = sealed::seal(&plaintext, sender, &sealed::published(world).await);
    for _ in 0..2 {
        let handed_on = sealed::hand_on(world, sender, &wire).await;
        assert!(handed_on.status.is_success(), "{handed_on:?}");
    }
    secrets.extend(credential("registration credential", &phone.credential));
    secrets.extend(credential("registration credential", &holder));
    secrets.push(Canary::text("sealed registration", &wire));
    let tokens = [&phone.token, &other, &token].map(|token| Canary::text("device token", token));
    secrets.extend(tokens);
    (phone, codes.iter().map(|code| Canary::text("code", code)).collect())
}

/// A request that does not come to its end: the relay says so, and forgets what it had of it.
async fn begin_and_stop(world: &World, sender: &Sender) {
    let Client::Tcp(address) = world.relay else { panic!("the relay listens on TCP") };
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let begun = format!(
        "POST /v1/notifications HTTP/1.1\r\nhost: relay\r\ncontent-type: application/json\r\nauthorization: Bearer \
         {}\r\ncontent-length: 4000\r\n\r\n{{\"content\":{{\"title\":\"{TITLE}\"",
        sender.credential
    );
    stream.write_all(begun.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok() && answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
}

/// The same before and after a crash: what waits is read back, and what is read back is no secret either.
async fn crash_and_start_again(world: &mut World, places: &mut Vec<(String, Vec<u8>)>) {
    world.kill_relay();
    places.extend(written_files(world));
    world.start_relay().await;
    for path in ["/metrics", "/readyz"] {
        places.push((path.to_owned(), world.operator.get(path, None).await.text.into_bytes()));
    }
    for path in ["/admin/audit", "/admin/invites", "/admin/tokens", "/admin/outbox", "/admin/limits"] {
        places.push((path.to_owned(), world.admin.get(path, None).await.text.into_bytes()));
    }
    world.stop_relay().await;
    places.extend(written_files(world));
}

/// A code is for its own device: it goes to the push service that reaches it, in the place for codes, and nowhere else.
fn codes_go_to_their_devices_alone(codes: &[Canary], records: &[Record]) {
    let with_code: Vec<_> =
        records.iter().filter(|record| !found(codes, &bytes_of(record)).is_empty()).collect();
    assert!(with_code.len() >= codes.len(), "{} requests have a code", with_code.len());
    for record in with_code {
        let body: Value = serde_json::from_str(&record.body).unwrap();
        assert!(body["message"]["data"]["confirm"].is_string(), "{record:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_way_in_stays_in_any_byte_also_after_a_crash_and_in_a_backup() {
    let mut world = world().await;
    let (mut secrets, mut places) = (vec![Canary::text("title", TITLE)], Vec::new());
    let sender = join(&world, &mut secrets).await;
    let (phone, codes) = register(&world, &sender, &mut secrets).await;
    begin_and_stop(&world, &sender).await;
    world.simulator.script(push_simulator::Rule::new(
        push_simulator::RuleTarget::Device(phone.token.clone()),
        push_simulator::Effect::answer(503, "{}"),
    ));
    let waits = json!({"wait": false, "targets": [{"subscription": phone.subscription}]});
    assert_eq!(world.notify(&sender, waits).await.status, 202);
    let backup = world.folder.path().join("backup.db");
    let database = world.folder.path().join("sealpush.db");
    sealpush::storage::sqlite::back_up(&database, &backup).await.unwrap();

    crash_and_start_again(&mut world, &mut places).await;

    for (place, bytes) in &places {
        let leaked = found(secrets.iter().chain(&codes), bytes);
        assert!(leaked.is_empty(), "{leaked:?} in {place}");
    }
    let records = world.simulator.records();
    codes_go_to_their_devices_alone(&codes, &records);
    // The scan reads what it should.
    let control = Canary::text("control", SENDER_NAME);
    for place in ["sealpush.db", "backup.db"] {
        let is_there = |(name, bytes): &(String, Vec<u8>)| {
            name.starts_with(place) && !found([&control], bytes).is_empty()
        };
        assert!(places.iter().any(is_there), "{place} was not read");
    }
    world.end().await;
}
