//! Pushes, built for a test.

use sealpush::base::{OsEntropy, UnixMillis};
use sealpush::model::{
    AppId, Badge, CollapseHash, DeliveryId, DeviceToken, Environment, Kind, OutboundPush, Payload,
    PushService, Sound, TokenKind, Urgency,
};
use sealpush_seal::{BUCKETS, Envelope, OVERHEAD};

/// Everything that a push borrows.
pub(super) struct Outbound {
    pub(super) app: AppId,
    pub(super) environment: Option<Environment>,
    pub(super) token_kind: TokenKind,
    pub(super) device_token: DeviceToken,
    pub(super) payload: Payload,
    pub(super) kind: Kind,
    pub(super) urgency: Urgency,
    pub(super) deadline: UnixMillis,
    pub(super) collapse: Option<CollapseHash>,
    pub(super) badge: Option<Badge>,
    pub(super) sound: Option<Sound>,
}

impl Outbound {
    /// An alert without content, worth an hour.
    pub(super) fn alert(push_service: PushService, token: &str, now: UnixMillis) -> Self {
        Self {
            app: "chat".parse().unwrap(),
            environment: (push_service == PushService::Apns).then_some(Environment::Production),
            token_kind: TokenKind::Standard,
            device_token: DeviceToken::parse(push_service, token).unwrap(),
            payload: Payload::Omitted { reference: None },
            kind: Kind::Alert,
            urgency: Urgency::High,
            deadline: UnixMillis(now.0 + 3_600_000),
            collapse: None,
            badge: None,
            sound: None,
        }
    }

    pub(super) fn voip(self) -> Self {
        Self { kind: Kind::Voip, token_kind: TokenKind::Voip, ..self }
    }

    pub(super) fn background(self) -> Self {
        Self { kind: Kind::Background, urgency: Urgency::Normal, ..self }
    }

    pub(super) fn carrying(self, payload: Payload) -> Self {
        Self { payload, ..self }
    }

    pub(super) fn token(&self) -> &str {
        self.device_token.expose()
    }

    pub(super) fn as_push(&self) -> OutboundPush<'_> {
        OutboundPush {
            app: &self.app,
            environment: self.environment,
            token_kind: self.token_kind,
            device_token: &self.device_token,
            confirmed: true,
            on_trial: false,
            delivery: DeliveryId::draw(&OsEntropy),
            payload: &self.payload,
            kind: self.kind,
            urgency: self.urgency,
            deadline: self.deadline,
            now_or_never: false,
            end: self.deadline,
            collapse: self.collapse,
            badge: self.badge,
            sound: self.sound.as_ref(),
        }
    }
}

/// An envelope of the largest size, with its text on the wire.
pub(super) fn sealed() -> (Payload, String) {
    let mut bytes = vec![7; BUCKETS[BUCKETS.len() - 1] + OVERHEAD];
    bytes[..2].copy_from_slice(&[1, 1]);
    let envelope = Envelope::from_bytes(bytes).unwrap();
    let text = envelope.to_base64url();
    (Payload::Sealed { envelope, by_relay: false }, text)
}
