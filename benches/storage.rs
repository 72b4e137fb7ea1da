//! What the store costs on the hot path: prints microseconds per row for a database in a file, as they pass and
//! as CPU time (user and system, all threads). What lies between is the disk, and other programs.
//!
//! Run with `cargo bench --bench storage`, on Linux. The figures hold for the machine: compare ratios.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement fails by panicking, and is printed"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sealpush::base::{Day, OsEntropy, UnixMillis};
use sealpush::model::{
    Actor, AuditEntry, ContentPolicy, CredentialId, Delivery, DeliveryId, DeliveryOptions, DeviceToken,
    Effect, Envelope, Environment, Form, Id, Kind, Notification, NotificationId, Outcome, Payload,
    PushService, Reach, Registration, RegistrationId, Scopes, SecretHash, Sender, SenderId, SenderState,
    Settlement, SubscriptionId, TargetOutcome, TokenKind, Ttl, Urgency,
};
use sealpush::privacy::StorageKey;
use sealpush::storage::sqlite::{Location, SqliteStore};
use sealpush::storage::{
    Finished, Found, LaneShare, NewCredential, NewSubscription, Promise, Settled, SettledBatch, Storage,
    Used, Waiting,
};

/// Registrations in the store, each with one subscription.
const DEVICES: usize = 10_000;
const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

struct Bench {
    store: Storage,
    sender: SenderId,
    credential: CredentialId,
    subscriptions: Vec<SubscriptionId>,
    registrations: Vec<RegistrationId>,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let bench = Bench::fill(&Location::File(folder.path().join("relay.db"))).await;
        bench.run().await;
    });
}

impl Bench {
    async fn run(&self) {
        println!("{:<44}{:>10}{:>10}{:>10}", "µs per row", "passed", "CPU", "rows");
        self.measure("credential, 64 callers at a time", 64, 500, async |_| {
            join_all((0..64).map(|_| self.store.credentials.find(self.credential))).await;
        })
        .await;
        self.measure("reach of 1, 64 callers at a time", 64, 500, async |round| {
            let asked = self.some(round, 64);
            let asked = asked.iter().map(std::slice::from_ref);
            join_all(asked.map(|one| self.store.registrations.reach(self.sender, one))).await;
        })
        .await;
        self.measure("reach of 1, one caller", 1, 5_000, async |round| {
            self.store.registrations.reach(self.sender, &self.some(round, 1)).await.unwrap();
        })
        .await;
        self.measure("reach of 100, one caller", 100, 500, async |round| {
            self.store.registrations.reach(self.sender, &self.some(round, 100)).await.unwrap();
        })
        .await;
        self.measure("known (unknown), 64 callers at a time", 64, 500, async |_| {
            let asked = (0..64).map(|_| self.store.outbox.known(self.sender, self.notification().id));
            join_all(asked).await;
        })
        .await;
        self.measure("finish of 64 with 1 target", 64, 500, async |round| {
            let finished: Vec<_> = self.some(round, 64).into_iter().map(|id| self.finished(&[id])).collect();
            self.store.outbox.finish(&finished).await.unwrap();
        })
        .await;
        self.measure("finish of 1 with 100 targets", 100, 500, async |round| {
            self.store.outbox.finish(&[self.finished(&self.some(round, 100))]).await.unwrap();
        })
        .await;
        for what in ["used, 64 for the first time", "used, 64 that are known to be"] {
            self.measure(what, 64, 150, async |round| {
                let used: Vec<_> = places(round, 64).map(|place| self.used(place)).collect();
                let batch = SettledBatch { used, ..SettledBatch::default() };
                self.store.outbox.settle(&batch, NOW, NOW).await.unwrap();
            })
            .await;
        }
        self.promises().await;
    }

    async fn promises(&self) {
        let reach = self.store.registrations.reach(self.sender, &self.some(0, 100)).await.unwrap();
        let reach: Vec<Reach> = reach
            .into_iter()
            .map(|found| match found {
                Found::Reach(reach) => reach,
                Found::Nothing | Found::Unreadable => unreachable!("all of them were subscribed"),
            })
            .collect();
        self.measure("promise of 100 (1 KiB), one caller", 100, 50, async |_| {
            self.promise(&reach).await;
        })
        .await;
        self.measure("lease of 100, then settle of 100", 100, 50, async |_| self.lease_and_settle(100).await)
            .await;
        self.measure("promise of 1 (1 KiB), one caller", 1, 500, async |_| {
            self.promise(&reach[..1]).await;
        })
        .await;
        self.measure("promise of 1 (1 KiB), 64 callers at a time", 64, 50, async |_| {
            join_all((0..64).map(|place| self.promise(&reach[place..=place]))).await;
        })
        .await;
        while self.store.outbox.depth().await.unwrap().0.deliveries > 0 {
            self.lease_and_settle(1000).await;
        }
    }

    async fn promise(&self, reach: &[Reach]) {
        let notification = self.notification();
        let deliveries: Vec<_> = reach.iter().map(|reach| delivery(&notification, reach)).collect();
        let waiting: Vec<_> = deliveries
            .iter()
            .map(|delivery| Waiting { delivery, due: NOW, attempts: 0, answers_lost: 0, leased_until: None })
            .collect();
        let promise =
            Promise { notification: &notification, decided: &[], waiting: &waiting, replaces: true };
        self.store.outbox.promise(&promise).await.unwrap();
    }

    async fn lease_and_settle(&self, count: u32) {
        let outbox = &self.store.outbox;
        let lanes = outbox.lanes().into_iter().map(|lane| LaneShare { lane, most: count, one_of_way: false });
        let lanes: Vec<_> = lanes.collect();
        let leases = outbox.lease(&lanes, NOW, NOW.plus(Duration::from_mins(1)), count).await.unwrap();
        let settled: Vec<_> = leases
            .iter()
            .map(|lease| {
                let settlement =
                    Settlement::Decided { outcome: Outcome::Accepted, at: NOW, effect: Effect::None };
                Settled::of(&lease.delivery, settlement)
            })
            .collect();
        let batch = SettledBatch { settled, ..SettledBatch::default() };
        outbox.settle(&batch, NOW, UnixMillis(0)).await.unwrap();
    }

    /// Runs `round` so many times, each for so many `rows`, and prints what a row took.
    async fn measure(&self, what: &str, rows: u32, rounds: u32, round: impl AsyncFn(usize)) {
        round(0).await;
        let (begin, cpu) = (Instant::now(), cpu_time());
        for number in 0..rounds {
            round(number as usize).await;
        }
        let per_row = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(rounds * rows);
        let (passed, cpu) = (per_row(begin.elapsed()), per_row(cpu_time().saturating_sub(cpu)));
        println!("{what:<44}{passed:>10.2}{cpu:>10.2}{:>10}", rounds * rows);
    }

    fn some(&self, round: usize, count: usize) -> Vec<SubscriptionId> {
        places(round, count).map(|place| self.subscriptions[place]).collect()
    }

    fn used(&self, place: usize) -> Used {
        let (subscription, registration) = (self.subscriptions[place], self.registrations[place]);
        Used { subscription, registration, day: Day(1), environment: None, registered_at: NOW }
    }

    fn notification(&self) -> Notification {
        Notification {
            sender: self.sender,
            id: NotificationId::ordered(NOW, &OsEntropy),
            body_hash: [3; 32],
            accepted_at: NOW,
            keep_until: NOW,
        }
    }

    fn finished(&self, targets: &[SubscriptionId]) -> Finished {
        let outcomes = targets.iter().map(|subscription| TargetOutcome {
            subscription: *subscription,
            form: Some(Form::SealedBySender),
            outcome: Outcome::Accepted,
            at: NOW,
        });
        Finished { notification: self.notification(), outcomes: outcomes.collect() }
    }

    async fn fill(location: &Location) -> Self {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open(location, &key, Arc::new(OsEntropy)).await.unwrap();
        let sender = Sender {
            id: Id::random(&OsEntropy),
            name: "A server".parse().unwrap(),
            state: SenderState::Active,
            content_policy: ContentPolicy::SealedOnly,
            created_day: Day(1),
        };
        let credential = NewCredential {
            id: Id::random(&OsEntropy),
            secret_hash: SecretHash([1; 32]),
            scopes: Scopes::ALL,
            expires_at: None,
        };
        let (actor, action) = (Actor::Operator, "sender.add");
        let entry = AuditEntry { at: NOW, actor, action, subject: String::new(), detail: String::new() };
        store.senders.add(&sender, &credential, &entry).await.unwrap();
        let mut bench = Self {
            store,
            sender: sender.id,
            credential: credential.id,
            subscriptions: Vec::new(),
            registrations: Vec::new(),
        };
        for _ in 0..DEVICES {
            bench.add_device().await;
        }
        bench
    }

    async fn add_device(&mut self) {
        let id: RegistrationId = Id::random(&OsEntropy);
        let token = hex::encode([*id.as_bytes(), *id.as_bytes()].concat());
        let registration = Registration {
            id,
            app: "app".parse().unwrap(),
            push_service: PushService::Apns,
            environment: Some(Environment::Production),
            token_kind: TokenKind::Standard,
            device_token: DeviceToken::parse(PushService::Apns, &token).unwrap(),
            secret_hash: SecretHash([2; 32]),
            registered_at: NOW,
            echoed: true,
            accepted_day: Some(Day(1)),
        };
        let subscription = NewSubscription {
            id: Id::random(&OsEntropy),
            registration: id,
            sender: self.sender,
            created_day: Day(1),
            relay_key: None,
        };
        self.store.registrations.register(&registration).await.unwrap();
        self.store.registrations.subscribe(&subscription).await.unwrap();
        self.registrations.push(id);
        self.subscriptions.push(subscription.id);
    }
}

fn delivery(notification: &Notification, reach: &Reach) -> Delivery {
    let id = DeliveryId::draw(&OsEntropy);
    let envelope = [&[1, 1], id.as_bytes().as_slice(), &[0; 32 + 1024 + 16]].concat();
    Delivery {
        id,
        notification: notification.id,
        reach: reach.clone(),
        payload: Payload::Sealed { envelope: Envelope::from_bytes(envelope).unwrap(), by_relay: false },
        options: DeliveryOptions { kind: Kind::Alert, urgency: Urgency::High, ttl: Ttl::default() },
        collapse: None,
        badge: None,
        sound: None,
        accepted_at: notification.accepted_at,
    }
}

/// User and system time of this process so far, from the fields 14 and 15 of `/proc/self/stat` (proc(5)), in
/// hundredths of a second.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// Devices all over the store, others in every round.
fn places(round: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |place| (round * 7919 + place * 131) % DEVICES)
}
