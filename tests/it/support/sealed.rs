//! An app's sealed registration, and the sender that hands it on.

use push_simulator::Environment;
use sealpush::base::{EntropyRng, OsEntropy};
use sealpush_seal::registration::{
    ApnsEnvironment, CreatedAt, DeviceToken, LongTermKey, PublishedKey, RegistrationId,
    RegistrationPlaintext, RegistrationPublicKey, TokenKind, seal_registration,
};
use sealpush_seal::{SenderId, SubscriptionId, base64url};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Answer, Sender, TOPIC, World, now_ms};

/// The key that the relay publishes, checked as an app checks it.
pub(crate) async fn published(world: &World) -> RegistrationPublicKey {
    let shown = world.relay.get("/v1/relay", None).await.json()["registration_keys"][0].clone();
    let text = |member: &str| shown[member].as_str().unwrap();
    let time = |member: &str| {
        let at = time::OffsetDateTime::parse(text(member), &time::format_description::well_known::Rfc3339);
        u64::try_from(at.unwrap().unix_timestamp()).unwrap() * 1000
    };
    let published = PublishedKey {
        key: RegistrationPublicKey::from_base64url(text("key")).unwrap(),
        valid_from_ms: time("valid_from"),
        valid_until_ms: time("valid_until"),
        signature: base64url::decode(text("signature")).unwrap().try_into().unwrap(),
    };
    let seed = std::fs::read_to_string(world.folder.path().join("long-term.key")).unwrap();
    let seed: [u8; 32] = base64url::decode(&seed).unwrap().try_into().unwrap();
    published.verify(&LongTermKey::from_bytes(&seed).public(), now_ms()).unwrap()
}

/// What an app seals about an iPhone.
pub(crate) fn plaintext(world: &World) -> RegistrationPlaintext {
    let token = world.simulator.apns_device(TOPIC, Environment::Production);
    let rng = &mut EntropyRng(&OsEntropy);
    RegistrationPlaintext {
        app: "chat".to_owned(),
        device_token: DeviceToken::Apns {
            token: Zeroizing::new(token),
            environment: ApnsEnvironment::Production,
            kind: TokenKind::Standard,
        },
        subscription: SubscriptionId::random(rng),
        registration: RegistrationId::random(rng),
        secret_hash: [7; 32],
        subscription_key: None,
        created_at: CreatedAt::from_unix_ms(now_ms()).unwrap(),
    }
}

/// Seals it for the relay, to be handed on by `sender`.
pub(crate) fn seal(
    plaintext: &RegistrationPlaintext,
    sender: &Sender,
    key: &RegistrationPublicKey,
) -> String {
    let sender: SenderId = sender.id.parse().unwrap();
    seal_registration(plaintext, sender, key, &mut EntropyRng(&OsEntropy)).unwrap().to_base64url()
}

/// Hands it on, as the sender does.
pub(crate) async fn hand_on(world: &World, sender: &Sender, sealed: &str) -> Answer {
    let request = json!({ "sealed_registration": sealed });
    world.relay.post("/v1/subscriptions", Some(&sender.credential), &request).await
}
