//! Who else gets data from a relay with this config: push services, and hosts of the operator's own choice.

use crate::config::{Config, Destination, Purpose};
use crate::privacy::inventory::{Entry, EntryKind, of_kind};

/// What only the operator, or a lawyer, can say.
const CHECK: &str = "**Check this yourself:**";

/// One who gets data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    /// Who it is.
    pub(super) name: &'static str,
    /// The hosts that are reached, from the config.
    pub(super) hosts: String,
    /// The apps that need it.
    pub(super) apps: String,
    /// What for.
    pub(super) purpose: &'static str,
    /// Where it is.
    pub(super) place: String,
    /// What allows the transfer.
    pub(super) basis: String,
    /// What it is told, from the inventory.
    pub(super) told: Vec<Entry>,
}

/// Everyone under this config.
pub(super) fn recipients(config: &Config) -> Vec<Recipient> {
    let push = config.push_destinations();
    let others = config.destinations();
    let of = |list: &[Destination], fits: fn(Purpose) -> bool| -> Vec<Destination> {
        list.iter().filter(|one| fits(one.purpose)).cloned().collect()
    };
    let found = [
        apple(&of(&push, |purpose| matches!(purpose, Purpose::Apns(_)))),
        google(&of(&push, |purpose| matches!(purpose, Purpose::Fcm | Purpose::FcmToken))),
        proxy(&of(&others, |purpose| purpose == Purpose::Proxy)),
        authority(&of(&others, |purpose| purpose == Purpose::Acme)),
    ];
    found.into_iter().flatten().collect()
}

fn apple(hosts: &[Destination]) -> Option<Recipient> {
    recipient(
        "Apple (Apple Push Notification service)",
        hosts,
        &["APNs (Apple)"],
        Recipient {
            purpose: "reaches the app on Apple's devices; Apple is the only way there",
            place: format!(
                "United States, and where else Apple runs servers. {CHECK} which company of Apple's your developer agreement names"
            ),
            basis: format!(
                "{CHECK} what your agreement with Apple says of personal data and of transfers (an adequacy decision such as \
             the EU-US Data Privacy Framework, standard contractual clauses, or necessity for what the user asked for)"
            ),
            ..EMPTY
        },
    )
}

fn google(hosts: &[Destination]) -> Option<Recipient> {
    recipient(
        "Google (Firebase Cloud Messaging)",
        hosts,
        &["FCM (Google)", "access tokens (Google)"],
        Recipient {
            purpose: "reaches the app on Android devices with Google's services",
            place: format!(
                "United States, and where else Google runs servers. {CHECK} which company of Google's your terms name"
            ),
            basis: format!(
                "{CHECK} Firebase's data processing terms, which you accept in its console, and what they say of transfers (an \
             adequacy decision such as the EU-US Data Privacy Framework, or standard contractual clauses)"
            ),
            ..EMPTY
        },
    )
}

fn proxy(hosts: &[Destination]) -> Option<Recipient> {
    recipient(
        "Your own proxy on the way out",
        hosts,
        &["the operator's proxy"],
        Recipient {
            purpose: "opens the way to the push services; it sees hosts, times and sizes, and no content of TLS",
            place: format!("{CHECK} where it is, and whose it is"),
            basis: format!("{CHECK} if somebody else runs it"),
            ..EMPTY
        },
    )
}

fn authority(hosts: &[Destination]) -> Option<Recipient> {
    recipient(
        "The authority of the relay's certificate",
        hosts,
        &["the certificate authority"],
        Recipient {
            purpose: "signs the relay's certificate; it learns the relay's name and your contact, nothing of users",
            place: format!("{CHECK} where it is"),
            basis: "no personal data of users goes there".to_owned(),
            ..EMPTY
        },
    )
}

const EMPTY: Recipient = Recipient {
    name: "",
    hosts: String::new(),
    apps: String::new(),
    purpose: "",
    place: String::new(),
    basis: String::new(),
    told: Vec::new(),
};

/// `None` where the config names no host of theirs: then nothing goes there.
fn recipient(
    name: &'static str,
    hosts: &[Destination],
    places: &[&str],
    words: Recipient,
) -> Option<Recipient> {
    if hosts.is_empty() {
        return None;
    }
    let told = of_kind(EntryKind::Sent).filter(|entry| places.contains(&entry.place)).collect();
    let mut apps: Vec<_> = hosts.iter().flat_map(|host| &host.apps).map(ToString::to_string).collect();
    apps.sort();
    apps.dedup();
    let hosts: Vec<_> = hosts.iter().map(|host| format!("{}, port {}", host.host, host.port)).collect();
    Some(Recipient { name, hosts: hosts.join("; "), apps: apps.join(", "), told, ..words })
}
