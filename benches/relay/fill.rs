//! What a relay's database holds besides, written while no relay has it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use sealpush::base::{Clock, OsEntropy, SystemClock};
use sealpush::model::{
    Delivery, DeliveryId, DeliveryOptions, Envelope, Kind, Notification, NotificationId, Payload, Reach, Ttl,
    Urgency,
};
use sealpush::privacy::StorageKeyring;
use sealpush::storage::sqlite::{Location, SqliteStore};
use sealpush::storage::{Found, Promise, Storage, Waiting};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::devices::Devices;
use super::process::config;

/// Targets of one notification that waits.
const TARGETS: usize = 100;
/// Promises that are written at the same time.
const AT_ONCE: usize = 16;

/// As many registrations as are asked for, all like one that the relay wrote. Nobody notifies them, so what stands in
/// place of their encrypted tokens is never read; they are in the way like any other. In the order of their keys, or a
/// million would take minutes.
const REGISTRATIONS: &str = "
INSERT INTO registrations (id, app, push_service, environment, token_kind, device_token, token_hash, secret_hash,
    registered_at, accepted_day, confirmed, confirm_tries)
WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < $1),
    drawn (id) AS (SELECT randomblob(16) FROM numbers ORDER BY 1)
SELECT drawn.id, app, push_service, environment, token_kind, randomblob(length(device_token)),
    CAST(drawn.id || drawn.id AS BLOB), secret_hash, registered_at, accepted_day, confirmed, confirm_tries
FROM drawn CROSS JOIN (SELECT * FROM registrations LIMIT 1)";

/// A subscription of the first sender's for each registration that has none. Their ids are the registrations'.
const SUBSCRIPTIONS: &str = "
INSERT INTO subscriptions (id, registration, sender, created_day, used, relay_key)
SELECT registrations.id, registrations.id, sender, created_day, used, relay_key
FROM registrations CROSS JOIN (SELECT sender, created_day, used, relay_key FROM subscriptions LIMIT 1)
WHERE registrations.id NOT IN (SELECT registration FROM subscriptions)
ORDER BY registrations.id";

/// The database of a relay that does not run.
pub(crate) struct Database {
    path: std::path::PathBuf,
    store: Storage,
}

impl Database {
    /// That of the relay in `folder`.
    pub(crate) async fn open(folder: &Path) -> Self {
        let storage = config(folder).storage;
        let location = Location::File(storage.path.clone());
        let store =
            SqliteStore::open(&location, StorageKeyring::of(&storage), Arc::new(OsEntropy)).await.unwrap();
        Self { path: storage.path, store }
    }

    /// Adds registrations, with a subscription of the same sender's for each.
    pub(crate) async fn add_registrations(&self, count: usize) {
        if count == 0 {
            return;
        }
        let options = SqliteConnectOptions::new().filename(&self.path);
        let options = options.pragma("cache_size", "-1000000").pragma("temp_store", "MEMORY");
        let mut connection = options.connect().await.unwrap();
        let count = i64::try_from(count).unwrap();
        sqlx::query(REGISTRATIONS).bind(count).execute(&mut connection).await.unwrap();
        sqlx::query(SUBSCRIPTIONS).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Promises deliveries to these devices, of 1 KiB each, which are due after so long.
    pub(crate) async fn promise(&self, devices: &Devices, count: usize, after: Duration) {
        let subscriptions: Vec<_> = devices.apns.iter().map(|device| device.subscription).collect();
        let found = self.store.registrations.reach(devices.sender, &subscriptions).await.unwrap();
        let reaches: Vec<Reach> = found
            .into_iter()
            .map(|found| match found {
                Found::Reach(reach) => reach,
                Found::Nothing | Found::Unreadable => unreachable!("all of them were subscribed"),
            })
            .collect();
        let promises = (0..count / TARGETS).map(|number| {
            let reaches = &reaches;
            async move {
                let some = (0..TARGETS).map(|target| &reaches[(number * TARGETS + target) % reaches.len()]);
                self.promise_one(devices, some, after).await;
            }
        });
        futures_util::stream::iter(promises).buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    async fn promise_one(&self, devices: &Devices, reaches: impl Iterator<Item = &Reach>, after: Duration) {
        let now = SystemClock.now();
        let notification = Notification {
            sender: devices.sender,
            id: NotificationId::ordered(now, &OsEntropy),
            body_hash: [3; 32],
            accepted_at: now,
            keep_until: now.plus(Duration::from_hours(24)),
        };
        let deliveries: Vec<_> = reaches.map(|reach| delivery(&notification, reach)).collect();
        let waiting: Vec<_> = deliveries
            .iter()
            .map(|delivery| Waiting {
                delivery,
                due: now.plus(after),
                attempts: 0,
                answers_lost: 0,
                leased_until: None,
            })
            .collect();
        let promise =
            Promise { notification: &notification, decided: &[], waiting: &waiting, replaces: false };
        self.store.outbox.promise(&promise).await.unwrap();
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
