//! What waits or counts in memory while the relay runs, and is never written. The name is that of the type.
//!
//! A test goes through the source for whatever outlives a request behind a lock or in a channel, and fails where its file is not named
//! here.

use super::{ALWAYS, Entry, EntryKind, Ground, Reader};

const HELD: Entry = Entry {
    kind: EntryKind::InMemory,
    place: "memory",
    name: "",
    what: "",
    purpose: "",
    stored: None,
    ground: Ground::Service,
    kept: "until the relay stops",
    switched_on_by: ALWAYS,
    shown_to: &[],
    file: "",
};

const FOR_SAFETY: Entry = Entry { ground: Ground::Safety, ..HELD };

/// What waits for its turn, and with it what is in it.
const WAITING: Entry =
    Entry { kept: "until it is decided or written, at most as long as the outbox would keep it", ..HELD };

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "Peer",
        what: "the address at the other end of a connection",
        purpose: "answers go back to it",
        kept: "as long as the connection",
        file: "src/server/client.rs",
        ..HELD
    },
    Entry {
        name: "ClientNetwork",
        what: "the IPv4 address, or the /64 of the IPv6 address, that a request comes from; of a trusted proxy's client \
               where the config names the proxy",
        purpose: "limits hold for a network; no route, log line or table is handed it",
        kept: "as long as the request",
        switched_on_by: "a request over a network",
        file: "src/model/client_network.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Connections",
        what: "the networks that are connected now, each with how many connections it has",
        purpose: "no network takes every place",
        kept: "as long as the network has a connection",
        file: "src/intake/connections.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "ClientHash",
        what: "what stands for a network in the limits: a hash under a random key that is drawn each day and never written",
        purpose: "limits need not know the network",
        kept: "until nothing counts against the network any more: minutes, at most an hour",
        file: "src/privacy/daily_hash.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Keys",
        what: "of each limit: the sender, subscription, app, credential id or hash of a network that came near it, and when \
               all of the limit is there again",
        purpose: "one sender or network cannot use up what all share",
        kept: "until nothing counts any more: minutes, at most an hour",
        shown_to: &[Reader::Operator],
        file: "src/intake/rate_limits/keys.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "ReadableContent",
        what: "content that a sender did not seal",
        purpose: "it is sealed for the device, or left out; it goes out as it is only where operator, app and sender all \
                  allow `clear`",
        kept: "overwritten as soon as it is sealed or left out",
        switched_on_by: "`content` in a request, which `sealed_only` refuses",
        file: "src/privacy/content.rs",
        ..HELD
    },
    Entry {
        name: "Bodies",
        what: "the senders that have a body under way, and how many bytes are reserved",
        purpose: "bodies have a budget, and one sender a part of it",
        kept: "as long as the request",
        file: "src/api/bodies.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Running",
        what: "the notifications that are taken in now: sender, id, hash of the body, and the answer",
        purpose: "a second copy of a request joins the first",
        kept: "until the answer is given, or stands in the store",
        shown_to: &[Reader::ItsSender],
        file: "src/intake/running.rs",
        ..HELD
    },
    Entry {
        name: "Places",
        what: "subscription and keyed hash of the collapse key of what waits in memory",
        purpose: "a newer notification takes the place of an older one",
        kept: "while its sender waits",
        switched_on_by: "a collapse key in the request",
        file: "src/intake/call_offs.rs",
        ..HELD
    },
    Entry {
        name: "LeaseQueue",
        what: "deliveries that may be attempted now: sender, subscription, device token, envelope and options",
        purpose: "delivery takes them from there, each sender in its turn",
        shown_to: &[Reader::PushService],
        file: "src/model/lease_queue.rs",
        ..WAITING
    },
    Entry {
        name: "UnderWay",
        what: "the ids of deliveries that are attempted now, or called off",
        purpose: "what was withdrawn is not begun, and nothing is begun twice",
        file: "src/model/under_way.rs",
        ..WAITING
    },
    Entry {
        name: "Keeping",
        what: "outcomes of which the sender has its answer",
        purpose: "many are written in one transaction",
        kept: "until they are written, a twentieth of a second",
        file: "src/intake/keeper.rs",
        ..WAITING
    },
    Entry {
        name: "Settling",
        what: "what followed from attempts",
        purpose: "many are written in one transaction",
        kept: "until it is written",
        file: "src/delivery/settler.rs",
        ..WAITING
    },
    Entry {
        name: "PromiseRows",
        what: "notifications on their way into the store, with what is in them",
        purpose: "many are written in one transaction",
        kept: "until they are written",
        file: "src/storage/sqlite/promise.rs",
        ..WAITING
    },
    Entry {
        name: "CodesBack",
        what: "codes that never left the relay",
        purpose: "their tokens may get others at once",
        kept: "until they are taken back",
        switched_on_by: "an app that asks for the proof",
        file: "src/intake/codes_back.rs",
        ..WAITING
    },
    Entry {
        name: "Polls",
        what: "the senders that wait for feedback now",
        purpose: "one sender cannot hold every connection",
        kept: "while they wait",
        file: "src/intake/polls.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Bells",
        what: "the senders and notifications that somebody waits for news of",
        purpose: "whoever waits is told at once",
        kept: "while somebody waits",
        file: "src/base/bells.rs",
        ..HELD
    },
    Entry {
        name: "Coalesced",
        what: "ids that are looked up now",
        purpose: "many are looked up by one query",
        kept: "until the query is answered",
        file: "src/base/coalesce.rs",
        ..HELD
    },
    Entry {
        name: "Connection",
        what: "pages of the database that were read or written last, with the columns above, eight megabytes at most for \
               each connection",
        purpose: "not every query reads the disk",
        file: "src/storage/sqlite/connections.rs",
        ..HELD
    },
    Entry {
        name: "CredentialCache",
        what: "credentials that were just looked up, with the columns above",
        purpose: "a sender that sends all the time is not looked up each time",
        kept: "a second",
        file: "src/storage/sqlite/credential_cache.rs",
        ..HELD
    },
    Entry {
        name: "RecentlyEnded",
        what: "ids of registrations and subscriptions that ended",
        purpose: "what waits for them in memory is not sent",
        kept: "one to two hours",
        file: "src/storage/sqlite/recently_ended.rs",
        ..HELD
    },
    Entry {
        name: "StoppedSenders",
        what: "ids of senders that were suspended or erased, and when",
        purpose: "what waits for them in memory is not sent",
        kept: "until the relay stops, or an hour after the sender goes on",
        file: "src/storage/sqlite/stopped_senders.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Backlog",
        what: "of each sender and way that has something waiting: how many deliveries and bytes",
        purpose: "the outbox is bounded, and senders take turns",
        kept: "while something waits; totals until the relay stops",
        shown_to: &[Reader::Operator],
        file: "src/storage/sqlite/backlog.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "StateChanges",
        what: "what changed lately in how the relay is: of which push service a credential was held or mended, store, outbox, \
               certificates, proxy; when, to the minute",
        purpose: "the operator can write a report for somebody who helps",
        kept: "the last hundred, until the relay stops. No id, no host, no reason that somebody else worded",
        shown_to: &[Reader::Operator],
        file: "src/server/state_watch.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Removals",
        what: "hashes of the ids in `sealpush.db.removed`",
        purpose: "none is written twice, and what is too old is taken out",
        kept: "as long as in the file",
        switched_on_by: "a registration or subscription that was removed on request",
        file: "src/storage/sqlite/removals.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "TokenWatch",
        what: "hashes of device tokens that a push service just judged, at most 1,024 for each way, under a key that ends \
               with the process",
        purpose: "tokens that are all refused at once are our mistake and not theirs",
        kept: "ten minutes",
        file: "src/push_services/token_watch.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "TriedElsewhere",
        what: "hashes of device tokens that fitted neither of Apple's environments, at most 16,384, under a key that ends \
               with the process",
        purpose: "Apple closes the connections of who shows it too many of them",
        file: "src/delivery/tried_elsewhere.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Breaker",
        what: "whether an app's way to a push service is open, and why not",
        purpose: "an app whose credential is refused waits",
        shown_to: &[Reader::Operator],
        file: "src/push_services/breaker/mod.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "EgressBook",
        what: "hosts of the config to which the operator's proxy opens no way, and why",
        purpose: "the operator is told what to mend",
        switched_on_by: "`[egress] proxy`",
        shown_to: &[Reader::Operator],
        file: "src/push_services/egress_book.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "Connection",
        place: "memory, to push services",
        what: "open connections to push services, with the requests on them",
        purpose: "a notification is on its way at once",
        kept: "as long as the connection",
        shown_to: &[Reader::PushService],
        file: "src/push_services/http2/connection.rs",
        ..HELD
    },
    Entry {
        name: "ProviderTokens",
        what: "an app's key for APNs, and the token that is made with it",
        purpose: "APNs lets the relay in",
        kept: "the key as long as the config names it, the token 50 minutes",
        shown_to: &[Reader::PushService],
        file: "src/push_services/apns/authorization.rs",
        ..HELD
    },
    Entry {
        name: "AccessTokens",
        what: "an app's service account for FCM, and the access token that Google gave for it",
        purpose: "FCM lets the relay in",
        kept: "the account as long as the config names it, the token about an hour",
        shown_to: &[Reader::PushService, Reader::TokenEndpoint],
        file: "src/push_services/fcm/authorization.rs",
        ..HELD
    },
    Entry {
        name: "StorageKeyring",
        what: "the storage key, and the keys that are made from it",
        purpose: "device tokens are encrypted and found",
        file: "src/privacy/storage_keyring.rs",
        ..HELD
    },
    Entry {
        name: "RegistrationKeys",
        what: "the private halves of the registration keys",
        purpose: "sealed registrations are opened",
        kept: "as long as the config names them",
        switched_on_by: "`[registration_keys]` in the config",
        file: "src/privacy/registration_keys.rs",
        ..HELD
    },
    Entry {
        name: "ServerConfig",
        what: "the relay's certificate with its private key, and keys by which up to 256 clients may resume TLS without a \
               new handshake",
        purpose: "connections are encrypted",
        kept: "the keys of clients until 256 newer ones came; they work for a day",
        switched_on_by: "`tls` of a listener",
        file: "src/server/tls.rs",
        ..HELD
    },
    Entry {
        name: "ClientConfig",
        what: "keys by which the relay resumes TLS with push services",
        purpose: "a new connection costs less",
        file: "src/push_services/trust.rs",
        ..HELD
    },
    Entry {
        name: "Activity",
        what: "of each connection: when something was last asked and taken",
        purpose: "a connection that nobody uses ends",
        kept: "as long as the connection",
        file: "src/server/activity.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "UsageRecorder",
        what: "of a sender that shares `volume`: how many of its deliveries ended, by day, push service and outcome, and of \
               each count the keyed hashes of the first few subscriptions behind it; of one that shares `software`: what \
               its User-Agent header said",
        purpose: "what fewer devices are behind than the config asks for is not written",
        ground: Ground::Consent,
        kept: "a count for about a minute, where enough devices are behind it; else until an hour after the day. The hashes \
               until there are enough of them, at most for the day and an hour, under a random key that nobody keeps",
        switched_on_by: "the sender's administrator, by category",
        file: "src/storage/usage_recorder.rs",
        ..HELD
    },
];
