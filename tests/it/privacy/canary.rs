//! A whole relay with canaries in everything that is secret; then every byte that it wrote or sent is read.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use push_simulator::{Effect, FcmFailure, Host, Record, Rule, RuleTarget};
use sealpush::base::{EntropyRng, OsEntropy};
use sealpush_seal::IdentityKey;
use serde_json::{Value, json};

use super::places::{bytes_of, written_files};
use super::scan::{Canary, found};
use crate::support::{Client, Device, Sender, World, fcm};

const TITLE: &str = "c4nary-title-5f0e1d";
const BODY: &str = "c4nary-body-77a1b2c3";
const DATA: &str = "c4nary-data-9e8d7c6b";
const CLEAR: &str = "c4nary-clear-1a2b3c4d";
const WITHIN_THE_ENVELOPE: &str = "c4nary-envelope-d00dfeed";
const COLLAPSE_KEY: &str = "c4nary-room-0badcafe";
const USER_AGENT: &str = "c4nary-software/9.8.7";
const FORWARDED_FOR: &str = "203.0.113.77";
const FORWARDED_FOR_6: &str = "2001:db8:5ea1:cafe::77";
const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 77, 66, 55);
/// What the relay is allowed to keep: by it the scan proves that it reads what it should.
const SENDER_NAME: &str = "c4nary-control-name";
/// What the relay is allowed to send.
const PLACEHOLDER: &str = "c4nary-placeholder";

/// A relay of its own process, and who uses it.
struct Stage {
    world: World,
    sealing: Sender,
    clear: Sender,
    phones: Vec<Device>,
}

async fn stage() -> Stage {
    let builder =
        World::builder().own_process().leaves_work().config("logs", "level = \"trace\"\naccess = true");
    let builder = builder.config("relay", "content_policy = \"clear_allowed\"");
    let builder = builder.app("content_policy = \"clear_allowed\"");
    let mut world = builder.app(&format!("placeholder = \"{PLACEHOLDER}\"")).start().await;
    let Client::Tcp(address) = world.relay else { panic!("the relay listens on TCP") };
    let headers = vec![
        ("x-forwarded-for", format!("{FORWARDED_FOR}, {FORWARDED_FOR_6}")),
        ("forwarded", format!("for={FORWARDED_FOR}")),
        ("user-agent", USER_AGENT.to_owned()),
    ];
    world.relay = Client::Marked { address, source: IpAddr::V4(SOURCE), headers };
    let request = json!({"name": SENDER_NAME, "content_policy": "seal_or_omit"});
    let made = world.admin.post("/admin/senders", None, &request).await.json();
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    let sealing = Sender { id: text("id"), credential: text("credential") };
    let clear = world.sender("clear_allowed").await;
    let phones = vec![
        world.iphone(&sealing, true).await,
        world.android(&sealing, true).await,
        world.iphone(&sealing, false).await,
        world.android(&sealing, false).await,
        world.iphone(&clear, false).await,
        world.android(&clear, false).await,
    ];
    Stage { world, sealing, clear, phones }
}

fn content() -> Value {
    json!({"title": TITLE, "body": BODY, "data": {"room": DATA}})
}

fn targets(phones: &[Device]) -> Value {
    phones.iter().map(|phone| json!({"subscription": phone.subscription})).collect()
}

impl Stage {
    /// Everything that a relay does with content, once at once and once through the outbox.
    async fn notify_in_every_form(&self, wait: bool) {
        let options = json!({"wait": wait, "collapse_key": COLLAPSE_KEY, "ttl": 3600});
        let of = |members: Value| {
            let mut notification = options.clone();
            notification.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            notification
        };
        let identity = IdentityKey::generate(&mut EntropyRng(&OsEntropy));
        let enveloped: Value = self.phones[..4]
            .iter()
            .map(|phone| {
                let envelope = phone.seal(WITHIN_THE_ENVELOPE.as_bytes(), &identity).to_base64url();
                json!({"subscription": phone.subscription, "envelope": envelope})
            })
            .collect();
        let clear = json!({"title": CLEAR, "body": CLEAR, "data": {"k": CLEAR}});
        for (sender, notification) in [
            (&self.sealing, of(json!({"targets": enveloped}))),
            (&self.sealing, of(json!({"targets": targets(&self.phones[..4]), "content": content()}))),
            (&self.clear, of(json!({"targets": targets(&self.phones[4..]), "content": clear}))),
        ] {
            let answer = self.world.notify(sender, notification).await;
            assert!(answer.status.is_success(), "{answer:?}");
            assert!(!answer.text.contains("rejected"), "{answer:?}");
        }
    }

    /// Every way to go wrong.
    async fn go_wrong(&self) {
        let (world, sender, phones) = (&self.world, &self.sealing, &self.phones);
        let call = async |bearer: &str, content_type: &str, path: &str, body: String| {
            let request =
                Request::builder().method(Method::POST).uri(path).header("content-type", content_type);
            let request = request.header("authorization", format!("Bearer {bearer}"));
            let answer = world.relay.send(request.body(Full::new(Bytes::from(body))).unwrap()).await;
            assert!(answer.status.is_client_error(), "{answer:?}");
        };
        let notification =
            json!({"id": "x", "targets": [], "content": content(), "collapse_key": COLLAPSE_KEY});
        let text = notification.to_string();
        let path = "/v1/notifications";
        call(&sender.credential, "application/json", path, text.clone()).await;
        call(&sender.credential, "application/json", path, text[..text.len() - 2].to_owned()).await;
        call(&sender.credential, "text/plain", path, text.clone()).await;
        call(&sender.credential, "application/json", path, json!({ TITLE: BODY }).to_string()).await;
        call(&phones[0].credential, "application/json", path, text.clone()).await;
        call(&sender.credential, "application/json", &format!("/v1/{}?{TITLE}", phones[0].token), text).await;
        let large = json!({"title": TITLE.repeat(200), "body": BODY});
        let large =
            json!({"id": world.notification_id(), "targets": targets(&phones[..1]), "content": large});
        call(&sender.credential, "application/json", path, large.to_string()).await;
        let mut unknown_app = fcm(&phones[1].token);
        unknown_app["app"] = Value::from("nobody");
        call("", "application/json", "/v1/registrations", unknown_app.to_string()).await;
        let short = phones[0].token[..63].to_owned();
        let bad_token = json!({"app": "chat", "push_service": "apns", "environment": "production", "device_token": short});
        call("", "application/json", "/v1/registrations", bad_token.to_string()).await;
    }

    /// Every way in which a push service may refuse, quoting what it got.
    async fn be_refused(&self) {
        let (world, phones) = (&self.world, &self.phones);
        let quoting = format!("{} {TITLE} {COLLAPSE_KEY}", phones[0].token);
        for (effect, phone) in [
            (Effect::apns(400, "BadDeviceToken"), &phones[0]),
            (Effect::apns(403, "InvalidProviderToken"), &phones[0]),
            (Effect::apns(400, &quoting), &phones[0]),
            (Effect::answer(500, &quoting), &phones[0]),
            (Effect::BreakAfter, &phones[0]),
            (Effect::fcm(FcmFailure::InvalidToken), &phones[1]),
            (Effect::fcm(FcmFailure::Unauthenticated), &phones[1]),
            (Effect::fcm(FcmFailure::Unavailable), &phones[1]),
            (Effect::answer(418, &format!("{{\"error\":\"{}\"}}", phones[1].token)), &phones[1]),
            (Effect::BreakAfter, &phones[1]),
        ] {
            world.simulator.script(Rule::new(RuleTarget::Device(phone.token.clone()), effect).times(2));
            let notification =
                json!({"targets": [{"subscription": phone.subscription}], "content": content(), "ttl": 0});
            let answer = world.notify(&self.sealing, notification).await;
            assert!(!answer.text.contains("accepted"), "{answer:?}");
            world.simulator.clear_script();
        }
        // A credential that was refused is used again once the push service takes it.
        let answer = world.notify(&self.sealing, json!({"targets": targets(&phones[..4])})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Two tokens die, one registration is replaced and one removed.
    async fn end(&self) {
        let (world, phones) = (&self.world, &self.phones);
        for phone in &phones[2..4] {
            world.simulator.unregister(&phone.token, crate::support::now_ms() + 60_000);
            let targets = json!([{"subscription": phone.subscription}]);
            assert_eq!(world.outcome(&self.sealing, json!({"targets": targets})).await["outcome"], "gone");
        }
        let path = format!("/v1/registrations/{}", phones[1].registration);
        let token = json!({"device_token": phones[5].token});
        let replaced = world.relay.call(Method::PUT, &path, Some(&phones[1].credential), Some(&token)).await;
        assert_eq!(replaced.status, 204, "{replaced:?}");
    }

    /// What must be nowhere.
    fn secrets(&self) -> Vec<Canary> {
        let folder = self.world.folder.path();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let account: Value = serde_json::from_str(&read("apps/fcm.json")).unwrap();
        let mut canaries = vec![
            Canary::text("title", TITLE),
            Canary::text("body", BODY),
            Canary::text("data", DATA),
            Canary::text("content within the sender's envelope", WITHIN_THE_ENVELOPE),
            Canary::text("collapse key", COLLAPSE_KEY),
            Canary::text("the sender's software", USER_AGENT),
            Canary::exactly("forwarded address", FORWARDED_FOR.as_bytes()),
            Canary::text("forwarded IPv6 address", FORWARDED_FOR_6),
            Canary::exactly("client address", SOURCE.to_string().as_bytes()),
            Canary::exactly("client address in four bytes", &SOURCE.octets()),
            Canary::text("storage key", read("storage.key").trim()),
            Canary::text("APNs key", pem_line(&read("apps/apns.p8"))),
            Canary::text("service account key", pem_line(account["private_key"].as_str().unwrap())),
        ];
        let senders = [&self.sealing, &self.clear].map(|sender| ("sender credential", &sender.credential));
        let apps = self.phones.iter().map(|phone| ("registration credential", &phone.credential));
        for (name, credential) in senders.into_iter().chain(apps) {
            canaries.push(Canary::text(name, credential));
            let bytes = sealpush_seal::base64url::decode(&credential[5..]).unwrap();
            canaries.push(Canary::bytes(name, &bytes[16..48]));
        }
        canaries
    }

    /// What the operator is shown.
    async fn what_it_shows(&self) -> Vec<(String, Vec<u8>)> {
        let mut shown = Vec::new();
        for path in ["/metrics", "/readyz"] {
            shown.push((path.to_owned(), self.world.operator.get(path, None).await.text.into_bytes()));
        }
        for path in ["/admin/senders", "/admin/apps", "/admin/audit"] {
            shown.push((path.to_owned(), self.world.admin.get(path, None).await.text.into_bytes()));
        }
        shown
    }

    fn nothing_secret_stays(&self, secrets: &[Canary], places: &[(String, Vec<u8>)]) {
        let (tokens, clear) = (tokens(&self.phones), Canary::text("clear content", CLEAR));
        for (place, bytes) in places {
            let leaked = found(secrets.iter().chain(&tokens).chain([&clear]), bytes);
            assert!(leaked.is_empty(), "{leaked:?} in {place}");
        }
    }

    /// Readable content goes out where all sides allow it, and only to those devices.
    fn nothing_secret_goes_out(&self, secrets: &[Canary], records: &[Record]) {
        let (clear, for_clear) = (Canary::text("clear content", CLEAR), tokens(&self.phones[4..]));
        for record in records {
            let bytes = bytes_of(record);
            let leaked = found(secrets, &bytes);
            assert!(leaked.is_empty(), "{leaked:?} in a request to {:?}", record.host);
            let is_clear = !found([&clear], &bytes).is_empty();
            assert!(!is_clear || !found(&for_clear, &bytes).is_empty(), "{record:?}");
        }
    }

    fn tokens_go_to_their_own_push_service_alone(&self, records: &[Record]) {
        let of = |fits: fn(&&Device) -> bool| tokens(self.phones.iter().filter(fits));
        let (apple, google) = (of(|phone| phone.token.len() == 64), of(|phone| phone.token.len() != 64));
        assert_eq!((apple.len(), google.len()), (3, 3));
        for record in records {
            let place = place_of_token(record);
            let others = if record.host == Host::Fcm { &apple } else { &google };
            assert!(found(others, &bytes_of(record)).is_empty(), "{record:?}");
            let elsewhere = String::from_utf8(bytes_of(record)).unwrap().replacen(&place, "", 1);
            let leaked = found(apple.iter().chain(&google), elsewhere.as_bytes());
            assert!(leaked.is_empty(), "a token beside its place: {record:?}");
        }
    }

    /// What may be seen is found, so the scan read the right bytes.
    fn the_scan_reads_what_it_should(&self, places: &[(String, Vec<u8>)], records: &[Record]) {
        let is_in = |canary: &str, place: &str| {
            let canary = Canary::text("control", canary);
            places.iter().any(|(name, bytes)| name.starts_with(place) && !found([&canary], bytes).is_empty())
        };
        assert!(is_in(SENDER_NAME, "sealpush.db") && is_in("listening", "log-"));
        assert!(is_in("sealpush_outcomes_total", "/metrics") && is_in("audit_log", "sealpush.db"));
        let went_out = |canary: &str| {
            let canary = Canary::text("control", canary);
            records.iter().filter(|record| !found([&canary], &bytes_of(record)).is_empty()).count()
        };
        assert!(went_out(PLACEHOLDER) > 0 && went_out(CLEAR) > 0);
        assert!(self.phones.iter().all(|phone| went_out(&phone.token) > 0));
        let seal = self.world.inbox(&self.phones[0])[1].body["seal"].as_str().unwrap().to_owned();
        let opened = self.phones[0].open(&seal, None).unwrap();
        assert_eq!(found([&Canary::text("title", TITLE)], &opened.content), ["title"]);
    }
}

/// A line from the middle of a PEM file: the key itself and nothing of its frame.
fn pem_line(pem: &str) -> &str {
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    lines[lines.len() / 2]
}

fn tokens<'a>(phones: impl IntoIterator<Item = &'a Device>) -> Vec<Canary> {
    phones.into_iter().map(|phone| Canary::text("device token", &phone.token)).collect()
}

/// The one place where a request names a device token.
fn place_of_token(record: &Record) -> String {
    let token = if record.host == Host::Fcm {
        let body: Value = serde_json::from_str(&record.body).unwrap();
        body["message"]["token"].as_str().unwrap().to_owned()
    } else {
        record.path.trim_start_matches("/3/device/").to_owned()
    };
    assert!(!token.is_empty(), "{record:?}");
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_any_byte_that_the_relay_writes_or_sends() {
    let mut stage = stage().await;
    stage.notify_in_every_form(true).await;
    stage.notify_in_every_form(false).await;
    stage.go_wrong().await;
    stage.be_refused().await;
    stage.end().await;
    // What is under way when the power goes lies in the database: envelopes, placeholders and clear content.
    stage.world.simulator.script(Rule::new(RuleTarget::Everything, Effect::Delay { millis: 60_000 }));
    stage.notify_in_every_form(false).await;

    let mut places = stage.what_it_shows().await;
    places.extend(written_files(&stage.world));
    let secrets = stage.secrets();
    stage.world.kill_relay();
    places.extend(written_files(&stage.world));
    let records = stage.world.simulator.records();

    stage.nothing_secret_stays(&secrets, &places);
    stage.nothing_secret_goes_out(&secrets, &records);
    stage.tokens_go_to_their_own_push_service_alone(&records);
    stage.the_scan_reads_what_it_should(&places, &records);
}
