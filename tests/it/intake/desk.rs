//! A desk at which use cases are asked one by one: a store in memory, a clock that stands still, and nobody who
//! takes what is handed to delivery.

use std::sync::Arc;

use sealpush::base::{Clock, Entropy, Live, ManualClock, OsEntropy, UnixMillis};
use sealpush::intake::{CodesBack, Prove};
use sealpush::model::{
    Actor, App, AppId, Apps, AuditEntry, Confirm, ContentPolicy, CredentialId, DeviceToken, Environment, Id,
    Leases, PushService, QueueBounds, Registration, Scopes, SecretHash, Sender, SenderId, SenderState,
    TokenKind, lease_queue,
};
use sealpush::privacy::StorageKey;
use sealpush::storage::sqlite::{Location, SqliteStore};
use sealpush::storage::{NewCredential, Storage};

/// 2026-11-21T00:00:00Z.
pub(super) const NOW: UnixMillis = UnixMillis(1_795_219_200_000);

/// Where use cases are asked.
pub(super) struct Desk {
    pub(super) store: Storage,
    pub(super) clock: Arc<ManualClock>,
    pub(super) prove: Arc<Prove>,
    /// What takes codes back that never left.
    pub(super) codes_back: CodesBack,
    pub(super) apps: Live<Apps>,
    /// What was handed to delivery.
    pub(super) queue: Leases,
}

impl Desk {
    /// An empty store, and one app whose device tokens are proved.
    pub(super) async fn new() -> Self {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let (sender, queue) = lease_queue(QueueBounds { all: 16_384, sender: 16_384 });
        let apps = Live::new(Apps::from_iter([app()]));
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let (prove, codes_back) = Prove::new(&store, apps.clone(), sender, time, Arc::new(OsEntropy));
        Self { store, clock, prove: Arc::new(prove), codes_back, apps, queue }
    }

    /// The clock, as use cases take it.
    pub(super) fn time(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// A sender with this credential, which allows everything.
    pub(super) async fn sender(&self, credential: CredentialId) -> SenderId {
        let sender = Sender {
            id: Id::random(&OsEntropy),
            name: "A server".parse().unwrap(),
            state: SenderState::Active,
            content_policy: ContentPolicy::SealedOnly,
            created_day: NOW.day(),
        };
        let secret_hash = SecretHash([1; 32]);
        let new = NewCredential { id: credential, secret_hash, scopes: Scopes::ALL, expires_at: None };
        let (actor, action) = (Actor::Operator, "sender.add");
        let entry = AuditEntry { at: NOW, actor, action, subject: String::new(), detail: String::new() };
        self.store.senders.add(&sender, &new, &entry).await.unwrap();
        sender.id
    }

    /// A registration as it was just made.
    pub(super) async fn registration(&self) -> Registration {
        let registration = self.unregistered();
        self.store.registrations.register(&registration).await.unwrap();
        registration
    }

    /// A registration that nobody made yet.
    pub(super) fn unregistered(&self) -> Registration {
        Registration {
            id: Id::random(&OsEntropy),
            app: app().id,
            push_service: PushService::Apns,
            environment: Some(Environment::Production),
            token_kind: TokenKind::Standard,
            device_token: token(),
            secret_hash: SecretHash([2; 32]),
            registered_at: self.clock.now(),
            echoed: false,
            accepted_day: None,
        }
    }
}

fn app() -> App {
    App {
        id: "chat".parse::<AppId>().unwrap(),
        placeholder: "New notification".parse().unwrap(),
        confirm: Confirm::Required,
        content_policy: ContentPolicy::SealedOnly,
        badge_allowed: false,
        sound_allowed: false,
        push_services: PushService::ALL.to_vec(),
    }
}

/// The token of a device that exists nowhere.
pub(super) fn token() -> DeviceToken {
    let bytes = (&OsEntropy as &dyn Entropy).bytes::<32>();
    let text = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    DeviceToken::parse(PushService::Apns, &text).unwrap()
}
