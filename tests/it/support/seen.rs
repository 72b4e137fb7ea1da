//! What relays are seen to log, send and answer in any test of this process, held against the inventory at once.
//!
//! A test need not know of it: the client of every test looks at the heads of answers, a world's end looks at what its
//! push services got, and all that the relay could log at any level is heard from the first world on. Owns the names,
//! never the values. Read next: `tests/it/privacy/inventory.rs`, which asks that nothing in the inventory is unseen.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};

use http::HeaderMap;
use push_simulator::{Host, Record};
use sealpush::privacy::inventory::{EntryKind, of_kind};
use serde_json::Value;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// A name at its place.
pub(crate) type Name = (EntryKind, String, String);

/// Every name in the inventory.
static DESCRIBED: LazyLock<BTreeSet<Name>> = LazyLock::new(|| {
    let all = EntryKind::ALL.into_iter().flat_map(of_kind);
    all.map(|entry| (entry.kind, entry.place.to_owned(), entry.name.to_owned())).collect()
});
/// What was logged and is not in it: a relay's task must not panic, so the next world's end does.
static UNKNOWN: Mutex<BTreeSet<Name>> = Mutex::new(BTreeSet::new());

fn unknown() -> MutexGuard<'static, BTreeSet<Name>> {
    UNKNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn described(names: BTreeSet<Name>) -> BTreeSet<Name> {
    let unknown: Vec<_> = names.difference(&DESCRIBED).collect();
    assert!(unknown.is_empty(), "not in the inventory: {unknown:?}");
    names
}

/// Hears everything that the relay's crate says from now on, whatever its level.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let names = tracing_subscriber::registry().with(FieldNames);
        tracing::subscriber::set_global_default(names).unwrap();
    });
}

/// Fails where anything was logged since the first world that the inventory does not know.
#[track_caller]
pub(crate) fn nothing_unknown_was_logged() {
    let unknown = unknown().clone();
    assert!(unknown.is_empty(), "logged and not in the inventory: {unknown:?}");
}

struct FieldNames;

impl<S: Subscriber> Layer<S> for FieldNames {
    /// The names of a call's fields are known from its place, before anything is logged.
    fn register_callsite(&self, call: &'static Metadata<'static>) -> Interest {
        if call.target() != "sealpush" && !call.target().starts_with("sealpush::") {
            return Interest::never();
        }
        let fields = call.fields().iter();
        let names = fields.map(|field| (EntryKind::LogField, "log".to_owned(), field.name().to_owned()));
        unknown().extend(names.filter(|name| !DESCRIBED.contains(name)));
        Interest::always()
    }
}

/// The names of an answer's headers; fails where the inventory does not have one.
#[track_caller]
pub(crate) fn answered(headers: &HeaderMap) -> BTreeSet<Name> {
    let names = headers.keys().map(|name| (EntryKind::Answered, "answers".to_owned(), name.to_string()));
    described(names.collect())
}

/// The names of all that went out in these requests; fails where the inventory does not have one.
#[track_caller]
pub(crate) fn sent(records: &[Record]) -> BTreeSet<Name> {
    described(records.iter().flat_map(of_request).collect())
}

fn of_request(record: &Record) -> BTreeSet<Name> {
    let place = match record.host {
        Host::ApnsProduction | Host::ApnsSandbox => "APNs (Apple)",
        Host::Fcm => "FCM (Google)",
        Host::Token => "access tokens (Google)",
    };
    assert!(!record.path.contains('?'), "a query that nobody described: {record:?}");
    let mut names: BTreeSet<String> = record.headers.iter().map(|(name, _)| name.clone()).collect();
    names.insert("path".to_owned());
    if let Ok(body) = serde_json::from_str(&record.body) {
        members(&body, "", &mut names);
    } else {
        // A form; what is none is a name that nobody described.
        let form = record.body.split('&').filter_map(|pair| pair.split('=').next());
        names.extend(form.filter(|name| !name.is_empty()).map(str::to_owned));
    }
    names.into_iter().map(|name| (EntryKind::Sent, place.to_owned(), name)).collect()
}

/// The paths of a document's members. What the sender gave the app is one, whatever it is made of.
fn members(value: &Value, path: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) if path != "data" => {
            for (name, value) in object {
                members(value, &[path, name].join(if path.is_empty() { "" } else { "." }), names);
            }
        }
        _ => drop(names.insert(path.to_owned())),
    }
}
