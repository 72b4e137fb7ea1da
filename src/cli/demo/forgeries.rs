//! What a dishonest relay could try on the iPhone, whose server seals. All of it must be refused.

use sealpush_seal::{DeliveryId, Envelope, IdentityKey, Sealer, seal};
use serde_json::Value;

use super::stage::Stage;
use crate::base::EntropyRng;
use crate::cli::device::{Phone, Shown};

/// One attempt.
pub(crate) struct Forgery {
    /// What was tried.
    pub(crate) name: &'static str,
    /// Whether the phone refused it.
    pub(crate) refused: bool,
}

/// Tries everything on `phone`, which got `message` before; `other` is another phone.
pub(crate) fn try_all(
    stage: &Stage,
    phone: &mut Phone,
    other: &mut Phone,
    message: &Value,
) -> anyhow::Result<Vec<Forgery>> {
    let now = stage.clock.now();
    let mut forgeries = Vec::new();
    let mut tried = |name, shown: &Shown| {
        forgeries.push(Forgery { name, refused: matches!(shown, Shown::Refused(_)) });
    };
    tried("the same envelope a second time", &phone.receive(message, now));
    tried("its envelope on another phone", &other.receive(message, now));
    let by_relay = forged(stage, phone, Sealer::Relay)?;
    tried("an envelope that the relay made itself", &phone.open(&by_relay, now));
    let stranger = IdentityKey::generate(&mut EntropyRng(&*stage.entropy));
    let by_stranger = forged(stage, phone, Sealer::Sender(&stranger))?;
    tried("an envelope that a stranger signed", &phone.open(&by_stranger, now));
    let seal = message.get("seal").and_then(Value::as_str).unwrap_or_default();
    let mut changed = Envelope::from_base64url(seal)?.into_bytes();
    if let Some(last) = changed.last_mut() {
        *last ^= 1;
    }
    tried("an envelope with one bit changed", &phone.open(&Envelope::from_bytes(changed)?, now));
    let clear =
        serde_json::json!({"aps": {}, "form": "clear", "title": "Your bank", "body": "Call this number"});
    tried("readable text in place of an envelope", &phone.receive(&clear, now));
    Ok(forgeries)
}

/// An envelope for this phone, made by someone who learned its public key.
fn forged(stage: &Stage, phone: &Phone, sealer: Sealer<'_>) -> anyhow::Result<Envelope> {
    let rng = &mut EntropyRng(&*stage.entropy);
    let key = phone.private().ok_or_else(|| anyhow::anyhow!("the phone has no key"))?.public();
    let content = br#"{"title":"Your bank","body":"Call this number"}"#;
    let now_ms = u64::try_from(stage.clock.now().0).unwrap_or(0);
    let delivery = DeliveryId::random(rng);
    Ok(seal(content, phone.subscription(), &key, delivery, sealer, now_ms, rng)?)
}
