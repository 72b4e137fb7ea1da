//! A store for a test, and builders of what is put into it.

use std::sync::Arc;

use sealpush::base::{Day, OsEntropy, UnixMillis};
use sealpush::model::{
    Actor, AppId, AuditEntry, ContentPolicy, CredentialId, Delivery, DeliveryId, DeliveryOptions,
    DeviceToken, Environment, Id, Kind, Lease, Notification, NotificationId, Payload, PushService, Reach,
    Registration, RegistrationId, Scopes, SecretHash, Sender, SenderId, SenderState, SubscriptionId,
    TokenKind, Ttl, Urgency,
};
use sealpush::privacy::StorageKey;
use sealpush::storage::sqlite::{Location, SqliteStore};
use sealpush::storage::{
    DeadToken, Enqueued, Found, LaneShare, NewCredential, NewSubscription, Promise, Settled, SettledBatch,
    Storage, StorageError, Used, Waiting,
};
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

/// When tests begin: some time in 2025.
pub(crate) const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

/// A store that ends with the test.
pub(crate) struct TestStore {
    /// The store.
    pub(crate) store: Storage,
    folder: Option<TempDir>,
}

impl std::ops::Deref for TestStore {
    type Target = Storage;

    fn deref(&self) -> &Storage {
        &self.store
    }
}

/// The storage key of every test.
pub(crate) fn storage_key() -> StorageKey {
    StorageKey::from_bytes([7; 32])
}

impl TestStore {
    pub(crate) async fn sqlite_in_memory() -> Self {
        let store = open(&Location::Memory).await;
        Self { store, folder: None }
    }

    pub(crate) async fn sqlite_in_a_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&Location::File(folder.path().join("relay.db"))).await;
        Self { store, folder: Some(folder) }
    }

    /// Where the database's files are.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().unwrap().path()
    }

    /// How to open the database's file beside the store.
    pub(crate) fn raw(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new().filename(self.folder().join("relay.db"))
    }

    /// Closes the database and opens it again, as after a restart.
    pub(crate) async fn reopen(self) -> Self {
        let location = Location::File(self.folder().join("relay.db"));
        drop(self.store);
        Self { store: open(&location).await, folder: self.folder }
    }

    /// Closes the database, and says whether it opens again.
    pub(crate) async fn close_and_try_to_open(self) -> Result<(), StorageError> {
        let location = Location::File(self.folder().join("relay.db"));
        drop(self.store);
        SqliteStore::open(&location, &storage_key(), Arc::new(OsEntropy)).await.map(drop)
    }

    /// A sender with all rights.
    pub(crate) async fn sender(&self) -> SenderId {
        let sender = sender();
        self.senders.add(&sender, &new_credential(), &entry("sender.add")).await.unwrap();
        sender.id
    }

    /// A registration with a token of its own.
    pub(crate) async fn registration(&self) -> Registration {
        let registration = registration(&random_token());
        self.registrations.register(&registration).await.unwrap();
        registration
    }

    /// A new subscription of `sender` to `registration`.
    pub(crate) async fn subscription(
        &self,
        sender: SenderId,
        registration: RegistrationId,
    ) -> SubscriptionId {
        let subscription = new_subscription(sender, registration);
        self.registrations.subscribe(&subscription).await.unwrap();
        subscription.id
    }

    /// A sender with a subscription to a new registration, as it is reached.
    pub(crate) async fn reached(&self) -> Reach {
        let sender = self.sender().await;
        self.reached_by(sender).await
    }

    /// A subscription of `sender` to a new registration, as it is reached.
    pub(crate) async fn reached_by(&self, sender: SenderId) -> Reach {
        let registration = self.registration().await;
        let subscription = self.subscription(sender, registration.id).await;
        self.reach_of(sender, subscription).await.unwrap()
    }

    /// How one subscription is reached now.
    pub(crate) async fn reach_of(&self, sender: SenderId, subscription: SubscriptionId) -> Option<Reach> {
        match self.registrations.reach(sender, &[subscription]).await.unwrap().remove(0) {
            Found::Reach(reach) => Some(reach),
            Found::Nothing => None,
            Found::Unreadable => panic!("{subscription} cannot be read"),
        }
    }

    /// Promises a notification with these deliveries, due at once and free.
    pub(crate) async fn promise(&self, notification: &Notification, deliveries: &[&Delivery]) -> Enqueued {
        let waiting: Vec<_> = deliveries.iter().map(|delivery| waiting(delivery)).collect();
        let promise = Promise { notification, decided: &[], waiting: &waiting, replaces: true };
        self.outbox.promise(&promise).await.unwrap()
    }

    /// Leases from every lane.
    pub(crate) async fn lease(
        &self,
        now: UnixMillis,
        leased_until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Lease>, StorageError> {
        let lanes = self.outbox.lanes().into_iter();
        let shares: Vec<_> = lanes.map(|lane| LaneShare { lane, most: limit, one_of_way: false }).collect();
        self.outbox.lease(&shares, now, leased_until, limit).await
    }

    /// Writes what became of deliveries.
    pub(crate) async fn settle(
        &self,
        settled: &[Settled],
        keep_until: UnixMillis,
    ) -> Result<(), StorageError> {
        let batch = SettledBatch { settled: settled.to_vec(), ..SettledBatch::default() };
        self.outbox.settle(&batch, NOW, keep_until).await
    }

    /// Notes what push services accepted.
    pub(crate) async fn used(&self, used: &[Used]) -> Result<(), StorageError> {
        let batch = SettledBatch { used: used.to_vec(), ..SettledBatch::default() };
        self.outbox.settle(&batch, NOW, NOW).await
    }

    /// Retires the registrations with a token; how many there were.
    pub(crate) async fn retire(
        &self,
        app: &AppId,
        token: &DeviceToken,
        since: Option<UnixMillis>,
        at: UnixMillis,
    ) -> Result<u64, StorageError> {
        let (before, _) = self.registrations.count().await?;
        let since = since.unwrap_or(UnixMillis(i64::MAX));
        let dead = vec![DeadToken { app: app.clone(), device_token: token.clone(), since }];
        let batch = SettledBatch { dead, ..SettledBatch::default() };
        self.outbox.settle(&batch, at, at).await?;
        Ok(before - self.registrations.count().await?.0)
    }

    /// How many deliveries wait, and since when.
    pub(crate) async fn depth(&self) -> Result<(u64, Option<UnixMillis>), StorageError> {
        let (load, oldest) = self.outbox.depth().await?;
        Ok((load.deliveries, oldest))
    }
}

async fn open(location: &Location) -> Storage {
    SqliteStore::open(location, &storage_key(), Arc::new(OsEntropy)).await.unwrap()
}

/// A random id.
pub(crate) fn id<K>() -> Id<K> {
    Id::random(&OsEntropy)
}

pub(crate) fn app() -> AppId {
    "app".parse().unwrap()
}

pub(crate) fn sender() -> Sender {
    Sender {
        id: id(),
        name: "A server".parse().unwrap(),
        state: SenderState::Active,
        content_policy: ContentPolicy::SealedOnly,
        created_day: NOW.day(),
    }
}

pub(crate) fn new_credential() -> NewCredential {
    let id: CredentialId = id();
    NewCredential { id, secret_hash: SecretHash([1; 32]), scopes: Scopes::ALL, expires_at: None }
}

pub(crate) fn entry(action: &'static str) -> AuditEntry {
    AuditEntry { at: NOW, actor: Actor::Operator, action, subject: String::new(), detail: String::new() }
}

pub(crate) fn token(text: &str) -> DeviceToken {
    DeviceToken::parse(PushService::Apns, text).unwrap()
}

pub(crate) fn random_token() -> DeviceToken {
    let [one, two]: [RegistrationId; 2] = [id(), id()];
    token(&format!("{one}{two}").replace('-', ""))
}

pub(crate) fn registration(token: &DeviceToken) -> Registration {
    Registration {
        id: id(),
        app: app(),
        push_service: token.push_service(),
        environment: Some(Environment::Production),
        token_kind: TokenKind::Standard,
        device_token: token.clone(),
        secret_hash: SecretHash([2; 32]),
        registered_at: NOW,
        echoed: false,
        accepted_day: None,
    }
}

pub(crate) fn new_subscription(sender: SenderId, registration: RegistrationId) -> NewSubscription {
    NewSubscription { id: id(), registration, sender, created_day: Day(20_000), relay_key: None }
}

pub(crate) fn notification(sender: SenderId) -> Notification {
    Notification {
        sender,
        id: NotificationId::ordered(NOW, &OsEntropy),
        body_hash: [3; 32],
        accepted_at: NOW,
        keep_until: UnixMillis(NOW.0 + 86_400_000),
    }
}

/// A delivery without content.
pub(crate) fn delivery(notification: &Notification, reach: &Reach) -> Delivery {
    Delivery {
        id: DeliveryId::draw(&OsEntropy),
        notification: notification.id,
        reach: reach.clone(),
        payload: Payload::Omitted { reference: None },
        options: DeliveryOptions { kind: Kind::Alert, urgency: Urgency::High, ttl: Ttl::default() },
        collapse: None,
        badge: None,
        sound: None,
        accepted_at: notification.accepted_at,
    }
}

/// The promise is on stable storage, and all of it waits.
pub(crate) const DONE: Enqueued = Enqueued::Done { ended: Vec::new() };

/// `delivery`, due at once and free.
pub(crate) fn waiting(delivery: &Delivery) -> Waiting<'_> {
    Waiting { delivery, due: delivery.accepted_at, attempts: 0, answers_lost: 0, leased_until: None }
}
