//! What a relay shows once or takes in sealed: codes of invites, tokens of operators, codes that prove a device
//! token, sealed registrations. Each is used at every door, rightly and wrongly; then every byte is read.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use push_simulator::Environment;
use sealpush::base::{EntropyRng, OsEntropy};
use sealpush::model::{BearerToken, RegistrationId, SecretHash, TokenKindPrefix};
use sealpush::privacy::inventory::{self, Stored};
use sealpush_seal::registration::{CreatedAt, DeviceToken, RegistrationPlaintext};
use sealpush_seal::{SubscriptionPrivateKey, base64url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::places::{bytes_of, written_files};
use super::scan::{Canary, found};
use crate::support::sealed::{hand_on, plaintext, published, seal};
use crate::support::{Sender, TOPIC, World, apns, fcm, now_ms};

/// The secret with which an app holds what its sealed registration made.
const APP_SECRET: [u8; 32] = *b"c4nary-secret-of-an-app-00000001";

/// A relay of its own process, and what was given out by it.
struct Stage {
    world: World,
    sender: Sender,
    /// What must be in no file, log, metric or answer to the operator.
    secrets: Vec<Canary>,
    /// What the inventory says is kept of them: the column, and what is to be found in the database.
    kept: Vec<(&'static str, &'static str, [u8; 32])>,
    /// Codes by the token that they were sent to: a push service sees each, for its device.
    codes: Vec<(Canary, Canary)>,
}

async fn stage() -> Stage {
    let builder = World::builder().own_process().app("confirm = \"required\"");
    // So much goes wrong here that this address would be stopped.
    let rates = ["address_failures", "credential_failures", "address_senders"]
        .map(|limit| format!("{limit} = \"off\""));
    let builder = builder.config("limits", format!("rates = {{ {} }}", rates.join(", ")));
    let world = builder.config("logs", "level = \"trace\"").start().await;
    let sender = world.sender("seal_or_omit").await;
    let ring = read(&world, "registration-keys.json");
    let ring: Value = serde_json::from_str(&ring).unwrap();
    let secrets = vec![
        Canary::text("long-term key", &read(&world, "long-term.key")),
        Canary::text("registration key", ring["keys"][0]["private"].as_str().unwrap()),
    ];
    Stage { world, sender, secrets, kept: Vec::new(), codes: Vec::new() }
}

fn read(world: &World, file: &str) -> String {
    std::fs::read_to_string(world.folder.path().join(file)).unwrap()
}

fn text(document: &Value, member: &str) -> String {
    document[member].as_str().unwrap_or_else(|| panic!("no {member}: {document}")).to_owned()
}

/// The secret half of a bearer token or an invite.
fn secret(token: &str) -> [u8; 32] {
    base64url::decode(&token[5..]).unwrap()[16..48].try_into().unwrap()
}

/// With the last character but one changed: the check digits do not fit.
fn mistyped(token: &str) -> String {
    let (head, tail) = token.split_at(token.len() - 2);
    format!("{head}{}{}", if tail.starts_with('A') { 'B' } else { 'A' }, &tail[1..])
}

impl Stage {
    fn plant(&mut self, name: &'static str, token: &str) {
        self.secrets.extend([Canary::text(name, token), Canary::bytes(name, &secret(token))]);
    }

    /// Sends a secret to where it does not belong: as a bearer token, in the path, in the query, in bodies that are
    /// no JSON, of another type, with one member too many.
    async fn misplace(&self, what: &str) {
        let json = "application/json";
        for (door, path) in
            [(&self.world.relay, "/v1/senders/self"), (&self.world.operator, "/admin/senders")]
        {
            for (bearer, path, kind, body) in [
                (what, path.to_owned(), json, "{}".to_owned()),
                ("x", format!("{path}/{what}"), json, "{}".to_owned()),
                ("x", format!("{path}?after={what}"), json, "{}".to_owned()),
                (&self.sender.credential, path.to_owned(), json, format!("{{\"name\": \"{what}")),
                (&self.sender.credential, path.to_owned(), "text/plain", what.to_owned()),
                (&self.sender.credential, path.to_owned(), json, json!({ what: what }).to_string()),
            ] {
                let request = Request::builder().method(Method::PATCH).uri(path).header("content-type", kind);
                let request = request.header("authorization", format!("Bearer {bearer}"));
                let answer = door.send(request.body(Full::new(Bytes::from(body))).unwrap()).await;
                assert!(answer.status.is_client_error(), "{answer:?}");
            }
        }
    }

    async fn invites(&mut self) {
        let made = self.world.admin.post("/admin/invites", None, &json!({"count": 3})).await.json();
        let [used, unused, revoked] = [0, 1, 2].map(|at| made["invites"][at].clone());
        let code = |invite: &Value| text(invite, "code");
        let path = format!("/admin/invites/{}", text(&revoked, "id"));
        assert_eq!(self.world.admin.call(Method::DELETE, &path, None, None).await.status, 204);
        for (name, invite, status) in [
            ("A", code(&used), 201),
            ("A", code(&used), 200),
            ("A", code(&revoked), 403),
            ("A", mistyped(&code(&unused)), 422),
            ("", code(&unused), 422),
        ] {
            let answer =
                self.world.relay.post("/v1/senders", None, &json!({"name": name, "invite": invite})).await;
            assert_eq!(answer.status, status, "{answer:?}");
            if let Some(credential) = answer.json()["credential"].as_str() {
                self.plant("credential of who joined", credential);
            }
        }
        for invite in [&used, &unused, &revoked] {
            self.misplace(&code(invite)).await;
            self.plant("code of an invite", &code(invite));
        }
        self.kept.push(("invites", "secret_hash", SecretHash::of(&secret(&code(&unused))).0));
    }

    async fn operator_tokens(&mut self) {
        let mut made = Vec::new();
        for role in ["viewer", "owner", "owner"] {
            made.push(self.world.admin.post("/admin/tokens", None, &json!({"role": role})).await.json());
        }
        let (over_tcp, token) = (self.world.operator.clone(), |at: usize| text(&made[at], "token"));
        let new = json!({"name": "by token"});
        assert_eq!(over_tcp.get("/admin/senders", Some(&token(0))).await.status, 200);
        assert_eq!(over_tcp.post("/admin/senders", Some(&token(0)), &new).await.code(), "owner_needed");
        let added = over_tcp.post("/admin/senders", Some(&token(1)), &new).await.json();
        self.plant("credential of who was added", &text(&added, "credential"));
        let revoked = format!("/admin/tokens/{}", text(&made[2], "id"));
        assert_eq!(over_tcp.call(Method::DELETE, &revoked, Some(&token(1)), None).await.status, 204);
        for (bearer, code) in
            [(token(2), "credential_invalid"), (mistyped(&token(1)), "credential_malformed")]
        {
            assert_eq!(over_tcp.get("/admin/senders", Some(&bearer)).await.code(), code);
        }
        for at in 0..3 {
            self.misplace(&token(at)).await;
            self.plant("operator's token", &token(at));
        }
        self.kept.push(("operator_tokens", "secret_hash", SecretHash::of(&secret(&token(0))).0));
    }

    /// Registers, echoes what is wrong, and then what came.
    async fn prove(&mut self, registration: Value) {
        let made = self.world.relay.post("/v1/registrations", None, &registration).await.json();
        let (path, credential) =
            (format!("/v1/registrations/{}/confirm", text(&made, "registration")), text(&made, "credential"));
        let (relay, token) = (self.world.relay.clone(), text(&registration, "device_token"));
        let code = self.world.code(&token, 0).await;
        let echo = async |code: &str| relay.post(&path, Some(&credential), &json!({ "code": code })).await;
        let other: String = code.chars().rev().collect();
        assert!(echo(&other).await.status.is_client_error());
        assert_eq!(echo(&code[1..]).await.code(), "invalid_code");
        assert_eq!(relay.post(&path, None, &json!({ "code": code })).await.status, 401);
        let more = json!({"code": code, "more": code});
        assert_eq!(relay.post(&path, Some(&credential), &more).await.code(), "invalid_request");
        self.misplace(&code).await;
        assert_eq!(echo(&code).await.status, 204);
        assert_eq!(echo(&code).await.status, 204);
        self.plant("registration credential", &credential);
        self.sent(&token, &code);
    }

    fn sent(&mut self, token: &str, code: &str) {
        self.kept.push(("codes", "code_hash", Sha256::digest(base64url::decode(code).unwrap()).into()));
        self.secrets.extend([Canary::text("code", code), Canary::text("device token", token)]);
        self.codes.push((Canary::text("code", code), Canary::text("device token", token)));
    }

    /// A sealed registration that opens, again, one of another sender's and one that is too old.
    async fn sealed_registrations(&mut self) {
        let (world, sender, key) = (&self.world, &self.sender, published(&self.world).await);
        let subscription_key = SubscriptionPrivateKey::generate(&mut EntropyRng(&OsEntropy)).public();
        let good = RegistrationPlaintext {
            secret_hash: SecretHash::of(&APP_SECRET).0,
            subscription_key: Some(subscription_key),
            ..plaintext(world)
        };
        let old = RegistrationPlaintext {
            created_at: CreatedAt::from_unix_ms(now_ms() - 90_000_000).unwrap(),
            ..plaintext(world)
        };
        let (taken, theirs) = (seal(&good, sender, &key), world.sender("sealed_only").await);
        for (who, sealed, status) in [
            (&theirs, &taken, 422),
            (sender, &taken, 201),
            (sender, &taken, 200),
            (sender, &seal(&old, sender, &key), 422),
        ] {
            let answer = hand_on(world, who, sealed).await;
            assert_eq!(answer.status, status, "{answer:?}");
            let told =
                [good.registration, old.registration].iter().any(|id| answer.text.contains(&id.to_string()));
            assert!(!told, "the sender is told the registration: {answer:?}");
        }
        let bytes = base64url::decode(&taken).unwrap();
        self.misplace(&taken).await;
        let (DeviceToken::Apns { token, .. }, DeviceToken::Apns { token: old_token, .. }) =
            (&good.device_token, &old.device_token)
        else {
            unreachable!("both are iPhones")
        };
        self.secrets.push(Canary::bytes("sealed registration", &bytes[10..42]));
        self.secrets.push(Canary::bytes("sealed registration", &bytes[60..100]));
        self.secrets.push(Canary::text("device token of a refused registration", old_token));
        self.kept.push(("sealed_registrations", "digest", Sha256::digest(&bytes).into()));
        self.kept.push(("registrations", "secret_hash", good.secret_hash));
        self.confirm_as_the_app(good.registration.as_bytes(), token).await;
    }

    async fn confirm_as_the_app(&mut self, registration: &[u8; 16], token: &str) {
        let id = RegistrationId::from_bytes(*registration);
        let credential = BearerToken::from_parts(id, APP_SECRET).reveal(TokenKindPrefix::Registration);
        let code = self.world.code(token, 0).await;
        let path = format!("/v1/registrations/{id}/confirm");
        let echoed = self.world.relay.post(&path, Some(&credential), &json!({ "code": code })).await;
        assert_eq!(echoed.status, 204, "{echoed:?}");
        self.plant("credential of a sealed registration", &credential);
        self.sent(token, &code);
    }

    /// What the operator is shown.
    async fn what_it_shows(&self) -> Vec<(String, Vec<u8>)> {
        let mut shown = Vec::new();
        for path in ["/metrics", "/readyz"] {
            shown.push((path.to_owned(), self.world.operator.get(path, None).await.text.into_bytes()));
        }
        for path in ["senders", "invites", "tokens", "apps", "limits", "audit"] {
            let path = format!("/admin/{path}");
            let answer = self.world.admin.get(&path, None).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            shown.push((path, answer.text.into_bytes()));
        }
        shown
    }

    fn nothing_secret_stays(&self, places: &[(String, Vec<u8>)]) {
        for (place, bytes) in places {
            let leaked = found(&self.secrets, bytes);
            assert!(leaked.is_empty(), "{leaked:?} in {place}");
        }
    }

    /// By which the scan proves that it reads the right bytes.
    fn what_the_inventory_says_is_kept_is_found(&self, places: &[(String, Vec<u8>)]) {
        for (table, column, hash) in &self.kept {
            let field =
                inventory::stored().find(|field| (field.table, field.column) == (*table, *column)).unwrap();
            assert_eq!(field.stored, Stored::Hash, "{table}.{column}");
            let kept = Canary::bytes("kept", hash);
            let mut database = places.iter().filter(|(place, _)| place.starts_with("sealpush.db"));
            assert!(database.any(|(_, bytes)| !found([&kept], bytes).is_empty()), "no {table}.{column}");
        }
        let listening = Canary::text("what the log says", "listening");
        let mut logs = places.iter().filter(|(place, _)| place.starts_with("log-"));
        assert!(logs.any(|(_, bytes)| !found([&listening], bytes).is_empty()));
    }

    fn a_code_goes_to_its_device_and_nowhere_else(&self) {
        let records = self.world.simulator.records();
        for (code, token) in &self.codes {
            let with_code: Vec<_> =
                records.iter().filter(|record| !found([code], &bytes_of(record)).is_empty()).collect();
            assert_eq!(with_code.len(), 1, "{with_code:?}");
            assert!(!found([token], &bytes_of(with_code[0])).is_empty(), "{with_code:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_once_or_sealed_is_in_no_byte_that_the_relay_writes() {
    let mut stage = stage().await;
    stage.invites().await;
    stage.operator_tokens().await;
    let iphone = apns(&stage.world.simulator.apns_device(TOPIC, Environment::Production));
    stage.prove(iphone).await;
    let android = fcm(&stage.world.simulator.fcm_device(crate::support::PROJECT));
    stage.prove(android).await;
    stage.sealed_registrations().await;

    let mut places = stage.what_it_shows().await;
    places.extend(written_files(&stage.world));
    stage.world.kill_relay();
    places.extend(written_files(&stage.world));

    stage.nothing_secret_stays(&places);
    stage.what_the_inventory_says_is_kept_is_found(&places);
    stage.a_code_goes_to_its_device_and_nowhere_else();
}
