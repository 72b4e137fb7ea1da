//! One phone: its keys, its registration, and how it opens what it got.

use sealpush::base::{Clock, EntropyRng, OsEntropy, SystemClock};
use sealpush_seal::{
    DeliveryId, DeviceKeys, Envelope, IdentityKey, OpenError, Opened, Sealer, SeenInMemory,
    SubscriptionPrivateKey,
};
use serde_json::{Value, json};

use super::{Sender, World};

/// A device that is registered at the relay and subscribed for one sender.
pub(crate) struct Device {
    /// The push service's address of it.
    pub(crate) token: String,
    /// Its registration.
    pub(crate) registration: String,
    /// What holds the registration.
    pub(crate) credential: String,
    /// Its subscription for its sender.
    pub(crate) subscription: String,
    /// Its private key for that subscription.
    pub(crate) key: SubscriptionPrivateKey,
}

/// Now, as envelopes write it.
pub(crate) fn now_ms() -> u64 {
    u64::try_from(SystemClock.now().0).unwrap()
}

impl Device {
    /// Registers a token and subscribes it for `sender`; `relay_may_seal`: the relay gets the public key.
    pub(crate) async fn register(
        world: &World,
        sender: &Sender,
        registration: Value,
        relay_may_seal: bool,
    ) -> Self {
        let created = world.relay.post("/v1/registrations", None, &registration).await;
        assert_eq!(created.status, 201, "{created:?}");
        if created.json()["state"] == "pending" {
            Self::echo(world, &registration, &created.json()).await;
        }
        let (id, credential) = (text(&created.json(), "registration"), text(&created.json(), "credential"));
        let token = text(&registration, "device_token");
        Self::subscribe(world, sender, (token, id, credential), relay_may_seal).await
    }

    /// Echoes the code that comes to the token of `registration`.
    async fn echo(world: &World, registration: &Value, created: &Value) {
        let code = world.code(&text(registration, "device_token"), 0).await;
        let path = format!("/v1/registrations/{}/confirm", text(created, "registration"));
        let credential = text(created, "credential");
        let echoed = world.relay.post(&path, Some(&credential), &json!({ "code": code })).await;
        assert_eq!(echoed.status, 204, "{echoed:?}");
    }

    /// Subscribes another sender to the same registration, with a key pair of its own.
    pub(crate) async fn also_for(&self, world: &World, sender: &Sender, relay_may_seal: bool) -> Self {
        let registration = (self.token.clone(), self.registration.clone(), self.credential.clone());
        Self::subscribe(world, sender, registration, relay_may_seal).await
    }

    async fn subscribe(
        world: &World,
        sender: &Sender,
        (token, registration, credential): (String, String, String),
        relay_may_seal: bool,
    ) -> Self {
        let key = SubscriptionPrivateKey::generate(&mut EntropyRng(&OsEntropy));
        let subscription = World::subscription_id();
        let mut request = json!({"subscription": subscription, "sender": sender.id});
        if relay_may_seal {
            request["subscription_key"] = Value::from(key.public().to_base64url());
        }
        let path = format!("/v1/registrations/{registration}/subscriptions");
        let subscribed = world.relay.post(&path, Some(&credential), &request).await;
        assert_eq!(subscribed.status, 201, "{subscribed:?}");
        Self { token, registration, credential, subscription, key }
    }

    /// Seals `content` for this device, as its sender does.
    pub(crate) fn seal(&self, content: &[u8], identity: &IdentityKey) -> Envelope {
        let mut rng = EntropyRng(&OsEntropy);
        sealpush_seal::seal(
            content,
            self.subscription.parse().unwrap(),
            &self.key.public(),
            DeliveryId::random(&mut rng),
            Sealer::Sender(identity),
            now_ms(),
            &mut rng,
        )
        .unwrap()
    }

    /// Opens what came, with the identity key of its server where it has one.
    pub(crate) fn open(&self, envelope: &str, identity: Option<&IdentityKey>) -> Result<Opened, OpenError> {
        let private = SubscriptionPrivateKey::from_bytes(&self.key.to_bytes());
        let identity = identity.map(IdentityKey::public);
        let keys = DeviceKeys::new(self.subscription.parse().unwrap(), private, identity);
        keys.open(&Envelope::from_base64url(envelope).unwrap(), now_ms(), &mut SeenInMemory::default())
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap().to_owned()
}
