//! One submission of at most 1,000 targets, sealed and ready to be sent as often as it takes.
//!
//! Owns sealing and the request's JSON. The keys come in with the devices, from the sender's key file. Must not
//! connect. Read next: `submit.rs`.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use sealpush_seal::{DeliveryId, IdentityKey, SealError, Sealer, seal};
use serde::Serialize;

use super::SendOptions;
use crate::base::{Clock, Entropy, EntropyRng};
use crate::cli::content::Content;
use crate::cli::files::SenderDevice;
use crate::model::{Kind, NotificationId, Urgency};

/// Targets of one notification, by the protocol.
pub(crate) const MOST_TARGETS: usize = 1_000;

/// What a sender seals with, and when.
pub(crate) struct Sealing<'a> {
    /// Signs.
    pub(crate) identity: Option<&'a IdentityKey>,
    /// Now.
    pub(crate) clock: &'a dyn Clock,
    /// Draws ids and keys.
    pub(crate) entropy: &'a dyn Entropy,
    /// Whether devices without a key get content by way of the relay, which reads it then.
    pub(crate) relay_may_read: bool,
}

/// How one target's content leaves the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sent {
    /// Sealed for the device.
    Envelope,
    /// Readable for the relay, which seals or omits it.
    Readable,
    /// Not at all.
    ContentFree,
}

/// A sealed submission.
pub(crate) struct Batch {
    /// The notification's id.
    pub(crate) id: String,
    /// The request's body. A repetition sends these very bytes.
    pub(crate) body: Bytes,
    /// Whether the outcomes are waited for.
    pub(crate) waits: bool,
    /// How the content for each subscription leaves.
    pub(crate) sent: HashMap<String, Sent>,
}

#[derive(Serialize)]
struct Request<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    urgency: Option<Urgency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collapse_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    wait: bool,
    targets: Vec<Target<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Content>,
}

#[derive(Serialize)]
struct Target<'a> {
    subscription: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

impl Batch {
    /// Seals `content` for each device that gave a key.
    pub(crate) fn seal(
        content: &Content,
        options: &SendOptions,
        devices: &[SenderDevice],
        by: &Sealing<'_>,
    ) -> Result<Self, SealError> {
        let json = zeroize::Zeroizing::new(content.to_json());
        let id = NotificationId::ordered(by.clock.now(), by.entropy).to_string();
        let mut sent = HashMap::with_capacity(devices.len());
        let targets = devices
            .iter()
            .map(|device| {
                let subscription = device.subscription.to_string();
                let envelope = by.envelope(&json, device)?;
                let how = match (&envelope, by.relay_may_read) {
                    (Some(_), _) => Sent::Envelope,
                    (None, true) => Sent::Readable,
                    (None, false) => Sent::ContentFree,
                };
                sent.insert(subscription.clone(), how);
                // Beside an envelope a reference would be seen for nothing.
                let reference = options.reference.as_deref().filter(|_| envelope.is_none());
                Ok(Target { subscription, envelope, reference })
            })
            .collect::<Result<Vec<_>, SealError>>()?;
        let request = Request {
            id: &id,
            urgency: options.urgency,
            ttl: options.ttl,
            collapse_key: options.collapse_key.as_deref(),
            kind: options.kind,
            wait: !options.no_wait,
            targets,
            content: sent.values().any(|how| *how == Sent::Readable).then_some(content),
        };
        let body = serde_json::to_vec(&request).expect("a request is a plain struct, which is always JSON");
        Ok(Self { id, body: body.into(), waits: !options.no_wait, sent })
    }

    /// What the answer must be about.
    pub(crate) fn subscriptions(&self) -> HashSet<String> {
        self.sent.keys().cloned().collect()
    }
}

impl Sealing<'_> {
    fn envelope(&self, content: &[u8], device: &SenderDevice) -> Result<Option<String>, SealError> {
        let (Some(key), Some(identity)) = (&device.key, self.identity) else { return Ok(None) };
        let rng = &mut EntropyRng(self.entropy);
        let now_ms = u64::try_from(self.clock.now().0).unwrap_or(0);
        let delivery = DeliveryId::random(rng);
        let envelope =
            seal(content, device.subscription, key, delivery, Sealer::Sender(identity), now_ms, rng)?;
        Ok(Some(envelope.to_base64url()))
    }
}
