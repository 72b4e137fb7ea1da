//! The inventory against the relay, from both sides: nothing is unsaid, and nothing is said that is no more.
//!
//! That nothing is unsaid is held in every test (`tests/it/support/seen.rs`, `tests/it/storage/inventory.rs`). Here one
//! relay does everything that it can, and whatever nobody saw of the inventory has to have its reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use http::Method;
use sealpush::privacy::inventory::{Entry, EntryKind, entries, of_kind};
use sealpush::telemetry::{LogField, METRICS};
use sealpush_seal::IdentityKey;
use serde_json::{Value, json};

use super::places::written_files;
use crate::support::seen::{self, Name};
use crate::support::{Device, Sender, World};

/// What no test relay of this file shows, each with what does.
const SEEN_ELSEWHERE: [(&str, &str); 4] = [
    ("the certificate authority", "tests/peers/acme/run.sh"),
    ("the operator's proxy", "the_proxy_is_told_what_the_inventory_says"),
    ("the system's name server", "nothing_is_reached_that_is_not_in_the_list_where_networks_can_be_made"),
    ("strict-transport-security", "only_what_came_over_tls_is_told_to_stay_there"),
];

fn names(kind: EntryKind) -> BTreeSet<&'static str> {
    of_kind(kind).map(|entry| entry.name).collect()
}

#[test]
fn the_log_fields_of_the_inventory_are_those_of_the_closed_list() {
    let mut listed: BTreeSet<_> = LogField::ALL.into_iter().map(LogField::as_str).collect();
    // What the formatter puts before every line.
    listed.extend(["timestamp", "level", "target"]);
    assert_eq!(names(EntryKind::LogField), listed);
}

#[test]
fn the_metric_labels_of_the_inventory_are_those_of_the_closed_list() {
    let mut listed: BTreeSet<_> = METRICS.iter().flat_map(|metric| metric.labels).copied().collect();
    // Of a histogram's buckets.
    listed.insert("le");
    assert_eq!(names(EntryKind::MetricLabel), listed);
}

#[test]
fn every_entry_names_a_file_that_is_there_and_holds_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in entries() {
        let text = fs::read_to_string(root.join(entry.file)).unwrap_or_else(|_| panic!("{entry:?}"));
        let last = entry.name.rsplit('.').next().unwrap();
        let snake = last.replace('-', "_");
        let spellings = [entry.name, entry.place, &snake, &snake.to_uppercase()];
        let holds = spellings.iter().any(|spelling| text.contains(spelling));
        // Libraries add the others, or the config names them.
        let kinds = [EntryKind::Column, EntryKind::InMemory, EntryKind::MetricLabel];
        let is_ours = kinds.contains(&entry.kind) && entry.place != "_sqlx_migrations";
        assert!(!is_ours || holds, "{} is not in {}", entry.name, entry.file);
    }
}

/// What holds more than one request does.
const HOLDERS: [&str; 5] = ["Mutex<", "RwLock<", "DashMap<", "mpsc::channel(", "watch::channel("];
/// Those in whose keeping nothing is that tells of a sender, a device or a user.
const HOLD_NO_RECORD: [(&str, &str); 16] = [
    ("src/api/privacy/mod.rs", "what everybody is told"),
    ("src/base/live.rs", "the config, and what is made from it"),
    ("src/operator/audit_heads.rs", "hashes of the audit log, which everybody is told"),
    ("src/cli/demo/captured_log.rs", "the demo's own log"),
    ("src/intake/places.rs", "how many codes of each app are on their way"),
    ("src/push_services/fcm/mod.rs", "the operator's apps"),
    ("src/push_services/apns/mod.rs", "the operator's apps"),
    ("src/push_services/http2/pool.rs", "the connections of `connection.rs`"),
    ("src/server/acme.rs", "when the relay's certificate ends"),
    ("src/server/reload.rs", "the config"),
    ("src/storage/sqlite/reach.rs", "the answer to one query"),
    ("src/storage/sqlite/store.rs", "how far upkeep has come"),
    ("src/telemetry/logging.rs", "how much is logged"),
    ("src/telemetry/metrics.rs", "totals"),
    ("src/web/body_budget.rs", "how many bytes are reserved"),
    ("src/web/unread.rs", "the body of one request, while it is answered"),
];

#[test]
fn whatever_outlives_a_request_behind_a_lock_or_in_a_channel_is_in_the_inventory() {
    let described: BTreeSet<_> = of_kind(EntryKind::InMemory).map(|entry| entry.file).collect();
    let excused: BTreeSet<_> = HOLD_NO_RECORD.iter().map(|(file, _)| *file).collect();
    let mut holders = 0;
    let sources = sources_under("src").into_iter().filter(|(path, _)| !path.ends_with("/tests.rs"));
    for (path, text) in sources {
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        let holds = HOLDERS.iter().any(|holder| code.contains(holder));
        holders += usize::from(holds);
        let known = described.contains(path.as_str()) || excused.contains(path.as_str());
        assert!(!holds || known, "{path} holds something that is not in the inventory");
    }
    assert!(holders > 25, "only {holders} files hold something");
}

/// The sources in a folder, each by its path.
fn sources_under(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut waiting, mut found) = (vec![root.join(folder)], Vec::new());
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), text));
        }
    }
    found
}

/// A relay that may do everything, its senders and its devices.
struct Stage {
    world: World,
    sealing: Sender,
    clear: Sender,
    phones: Vec<Device>,
    answered: BTreeSet<Name>,
}

impl Stage {
    async fn new() -> Self {
        let builder = World::builder().config("relay", "content_policy = \"clear_allowed\"");
        let builder = builder.config("limits", "rates = { sender_changes = \"1 per hour\" }");
        let app = "content_policy = \"clear_allowed\"\nconfirm = \"required\"\nbadge = true\nsound = true";
        let world = builder.app(app).start().await;
        let (sealing, clear) = (world.sender("seal_or_omit").await, world.sender("clear_allowed").await);
        let phones = vec![
            world.iphone(&sealing, false).await,
            world.android(&sealing, false).await,
            world.iphone(&clear, false).await,
            world.android(&clear, false).await,
        ];
        Self { world, sealing, clear, phones, answered: BTreeSet::new() }
    }

    async fn notify(&mut self, sender: &Sender, notification: Value) {
        let answer = self.world.notify(sender, notification).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(!answer.text.contains("rejected"), "{answer:?}");
        self.answered.extend(seen::answered(&answer.headers));
    }

    /// Each form, kind and option, to both push services.
    async fn notify_in_every_way(&mut self) {
        let identity = IdentityKey::generate(&mut sealpush::base::EntropyRng(&sealpush::base::OsEntropy));
        let (sealing, clear) = (self.sealing.clone(), self.clear.clone());
        let target = |phone: &Device| json!({"subscription": phone.subscription});
        let sealed: Vec<Value> = self.phones[..2]
            .iter()
            .map(|phone| json!({"subscription": phone.subscription, "envelope": phone.seal(b"{}", &identity).to_base64url()}))
            .collect();
        let mut shown: Vec<Value> = self.phones[..2].iter().map(target).collect();
        for target in &mut shown {
            target["reference"] = json!("r-1");
            target["badge"] = json!(3);
            target["sound"] = json!("default");
        }
        let background: Vec<Value> = self.phones[..2].iter().map(target).collect();
        let readable: Vec<Value> = self.phones[2..].iter().map(target).collect();
        let content = json!({"title": "t", "body": "b", "data": {"room": {"id": 7}}});
        self.notify(&sealing, json!({"targets": sealed, "collapse_key": "k"})).await;
        self.notify(&sealing, json!({ "targets": shown })).await;
        self.notify(&sealing, json!({"targets": background, "kind": "background"})).await;
        self.notify(&clear, json!({"targets": readable, "content": content})).await;
        let voip = self.world.voip_iphone(&sealing, false).await;
        self.notify(&sealing, json!({"targets": [target(&voip)], "kind": "voip"})).await;
    }

    /// Whatever an answer's head can say: pages, refusals, limits.
    async fn be_refused(&mut self) {
        let (world, credential) = (&self.world, self.sealing.credential.clone());
        let name = json!({"name": "A server"});
        let calls: [(Method, &str, Option<&str>, Option<Value>); 8] = [
            (Method::GET, "/v1/privacy", None, None),
            (Method::GET, "/docs", None, None),
            (Method::PUT, "/v1/relay", None, None),
            (Method::GET, "/v1/senders/self", None, None),
            (Method::GET, "/v1/senders/self", Some(&credential), None),
            (Method::PATCH, "/v1/senders/self", Some(&credential), Some(name.clone())),
            (Method::PATCH, "/v1/senders/self", Some(&credential), Some(name)),
            (Method::POST, "/v1/notifications", Some("x"), Some(Value::from("x".repeat(200_000)))),
        ];
        for (method, path, bearer, body) in calls {
            let answer = world.relay.call(method, path, bearer, body.as_ref()).await;
            self.answered.extend(seen::answered(&answer.headers));
        }
    }

    /// Which labels `/metrics` shows now.
    async fn labels(&self) -> BTreeSet<String> {
        let text = self.world.operator.get("/metrics", None).await.text;
        let groups = text.lines().filter_map(|line| line.split_once('{')?.1.split_once('}'));
        let labels =
            groups.flat_map(|(labels, _)| labels.split("\",").filter_map(|label| label.split('=').next()));
        labels.map(str::to_owned).collect()
    }
}

#[test]
fn what_this_file_does_not_show_is_shown_elsewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = sources_under("tests").into_iter().chain(sources_under("src"));
    let all: String = tests.map(|(_, text)| text).collect();
    for (what, by) in SEEN_ELSEWHERE {
        let is_there = root.join(by).is_file() || all.contains(&format!("fn {by}("));
        assert!(is_there, "{by} is gone, which showed {what}");
        assert!(entries().any(|entry| [entry.place, entry.name].contains(&what)), "{what}");
    }
}

fn unseen(kind: EntryKind, seen: &BTreeSet<Name>) -> Vec<Entry> {
    let excused =
        |entry: &Entry| SEEN_ELSEWHERE.iter().any(|(what, _)| [entry.place, entry.name].contains(what));
    let is_seen = |entry: &Entry| seen.contains(&(kind, entry.place.to_owned(), entry.name.to_owned()));
    of_kind(kind).filter(|entry| !excused(entry) && !is_seen(entry)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_inventory_is_sent_answered_or_measured_no_more() {
    let mut stage = Stage::new().await;
    stage.notify_in_every_way().await;
    stage.be_refused().await;
    let (labels, described) = (stage.labels().await, names(EntryKind::MetricLabel));

    let sent = seen::sent(&stage.world.simulator.records());

    let mut unsent = unseen(EntryKind::Sent, &sent);
    // `sealpush check` alone sends it: see `a_check_reaches_no_device_and_changes_nothing`.
    unsent.retain(|entry| entry.name != "validate_only");
    assert!(unsent.is_empty(), "in the inventory and never sent: {unsent:#?}");
    let unanswered = unseen(EntryKind::Answered, &stage.answered);
    assert!(unanswered.is_empty(), "in the inventory and never answered: {unanswered:#?}");
    let unknown: Vec<_> = labels.iter().filter(|label| !described.contains(label.as_str())).collect();
    assert!(unknown.is_empty(), "measured and not in the inventory: {unknown:?}");
    let never: Vec<_> = described.iter().filter(|label| !labels.contains(**label)).collect();
    assert!(never.is_empty(), "in the inventory and never measured: {never:?}");
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_told_apart_by_no_sender_device_user_or_address() {
    let mut stage = Stage::new().await;
    stage.notify_in_every_way().await;
    stage.be_refused().await;

    let text = stage.world.operator.get("/metrics", None).await.text;

    let ids = stage.phones.iter().flat_map(|phone| [&phone.subscription, &phone.registration, &phone.token]);
    for id in ids.chain([&stage.sealing.id, &stage.clear.id]) {
        assert!(!text.contains(id.as_str()), "{id} is in {text}");
    }
    assert!(!text.contains("127.0.0.1") && !text.contains("A server"), "{text}");
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_a_relay_writes_is_in_the_inventory() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let _phone = world.iphone(&sender, false).await;
    assert_eq!(world.delete("/v1/senders/self", &sender.credential).await.status.as_u16() / 100, 2);

    let written: BTreeSet<_> = written_files(&world).into_iter().map(|(name, _)| name).collect();

    let described: BTreeSet<_> = of_kind(EntryKind::File).map(|entry| entry.place.to_owned()).collect();
    // The database is the columns'; the log is where the test sends it.
    let others = written.iter().filter(|name| *name != "sealpush.db" && !name.starts_with("log-"));
    let unknown: Vec<_> = others.filter(|name| !described.contains(*name)).collect();
    assert!(unknown.is_empty(), "written and not in the inventory: {unknown:?}");
    for name in ["sealpush.db.erased", "sealpush.db-wal", "sealpush.db.lock"] {
        assert!(written.contains(name), "{name} is in the inventory and was not written: {written:?}");
    }
    world.stop_relay().await;
    world.end().await;
}

#[test]
fn the_recorder_sees_what_it_must() {
    let record = |body: &str| push_simulator::Record {
        at_ms: 0,
        host: push_simulator::Host::ApnsProduction,
        connection: 1,
        version: "HTTP/2.0".to_owned(),
        method: "POST".to_owned(),
        path: "/3/device/x".to_owned(),
        headers: Vec::new(),
        body: body.to_owned(),
        answer: None,
        answer_lost: false,
    };
    let known = seen::sent(&[record(r#"{"aps":{"alert":"x"},"data":{"user":1}}"#)]);
    let known: BTreeSet<_> = known.iter().map(|(_, _, name)| name.as_str()).collect();
    assert_eq!(known, ["aps.alert", "data", "path"].into());
    for unknown in [r#"{"aps":{"category":"x"}}"#, r#"{"user":1}"#, "user=1"] {
        assert!(std::panic::catch_unwind(|| seen::sent(&[record(unknown)])).is_err(), "{unknown}");
    }
    let headers = [(http::header::SERVER, "x".parse().unwrap())].into_iter().collect();
    assert!(std::panic::catch_unwind(|| seen::answered(&headers)).is_err());
}
