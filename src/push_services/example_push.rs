//! Pushes for tests: one builder for both adapters.

use std::str::FromStr;

use sealpush_seal::{BUCKETS, Envelope, OVERHEAD};
use zeroize::Zeroizing;

use crate::base::{OsEntropy, UnixMillis};
use crate::model::{
    AppId, Badge, ClearContent, CollapseHash, ConfirmCode, DeliveryId, DeviceToken, Environment, Kind,
    OutboundPush, Payload, PushService, Reference, Sound, TokenKind, Urgency,
};

/// When these pushes are attempted: 2025-11-21T00:00:00Z.
pub(super) const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

/// Everything that a push borrows.
pub(super) struct ExamplePush {
    pub(super) app: AppId,
    pub(super) environment: Option<Environment>,
    pub(super) token_kind: TokenKind,
    pub(super) device_token: DeviceToken,
    pub(super) payload: Payload,
    pub(super) kind: Kind,
    pub(super) urgency: Urgency,
    pub(super) deadline: UnixMillis,
    pub(super) now_or_never: bool,
    pub(super) collapse: Option<CollapseHash>,
    pub(super) badge: Option<Badge>,
    pub(super) sound: Option<Sound>,
}

impl ExamplePush {
    /// An alert without content, an hour worth.
    pub(super) fn to(push_service: PushService) -> Self {
        let (text, environment) = match push_service {
            PushService::Apns => ("0a1b2c", Some(Environment::Production)),
            PushService::Fcm => ("fcm-token", None),
        };
        Self {
            app: AppId::from_str("chat").unwrap(),
            environment,
            token_kind: TokenKind::Standard,
            device_token: DeviceToken::parse(push_service, text).unwrap(),
            payload: Payload::Omitted { reference: None },
            kind: Kind::Alert,
            urgency: Urgency::High,
            deadline: UnixMillis(NOW.0 + 3_600_000),
            now_or_never: false,
            collapse: None,
            badge: None,
            sound: None,
        }
    }

    /// A call to a `PushKit` token.
    pub(super) fn voip() -> Self {
        Self { kind: Kind::Voip, token_kind: TokenKind::Voip, ..Self::to(PushService::Apns) }
    }

    pub(super) fn as_push(&self) -> OutboundPush<'_> {
        OutboundPush {
            app: &self.app,
            environment: self.environment,
            token_kind: self.token_kind,
            device_token: &self.device_token,
            confirmed: true,
            on_trial: false,
            delivery: DeliveryId::from_bytes([0xab; 16]),
            payload: &self.payload,
            kind: self.kind,
            urgency: self.urgency,
            deadline: self.deadline,
            now_or_never: self.now_or_never,
            end: self.deadline,
            collapse: self.collapse,
            badge: self.badge,
            sound: self.sound.as_ref(),
        }
    }
}

/// The largest envelope there is; its content is of no concern here.
pub(super) fn largest_envelope() -> Payload {
    sealed(BUCKETS[BUCKETS.len() - 1])
}

/// The smallest envelope there is.
pub(super) fn smallest_envelope() -> Payload {
    sealed(BUCKETS[0])
}

fn sealed(plaintext: usize) -> Payload {
    let mut bytes = vec![7; plaintext + OVERHEAD];
    bytes[..2].copy_from_slice(&[1, 1]);
    Payload::Sealed { envelope: Envelope::from_bytes(bytes).unwrap(), by_relay: false }
}

/// Readable content.
pub(super) fn clear(json: &str) -> Payload {
    Payload::Clear(ClearContent::from_json(Zeroizing::new(json.to_owned())))
}

/// A code that the device shall echo, and its text.
pub(super) fn code() -> (Payload, String) {
    let code = ConfirmCode::draw(&OsEntropy);
    let text = code.reveal();
    (Payload::Confirm(code), text)
}

/// No content, with the longest reference.
pub(super) fn longest_reference() -> Payload {
    Payload::Omitted { reference: Some(Reference::from_str(&"r".repeat(64)).unwrap()) }
}
