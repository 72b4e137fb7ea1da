//! What a push-service adapter is handed.

use super::{
    AppId, Badge, CollapseHash, DeliveryId, DeviceToken, Environment, Kind, Payload, Sound, TokenKind,
    Urgency,
};
use crate::base::UnixMillis;

/// One attempt to push one delivery. Borrowed: the lease keeps it for the next attempt.
pub struct OutboundPush<'a> {
    /// The app, whose credentials the adapter holds.
    pub app: &'a AppId,
    /// APNs only: which of the two worlds to try.
    pub environment: Option<Environment>,
    /// What the token is for.
    pub token_kind: TokenKind,
    /// The push service's address of the device.
    pub device_token: &'a DeviceToken,
    /// Whether this token worked before: the push service accepted a notification for it, or the app proved it.
    pub confirmed: bool,
    /// The token may be of another environment than this one: a refusal of the credential here says nothing of
    /// the app's usual way.
    pub on_trial: bool,
    /// Becomes `apns-id`, and names the delivery inside a payload without envelope.
    pub delivery: DeliveryId,
    /// What it carries.
    pub payload: &'a Payload,
    /// What the device shall do.
    pub kind: Kind,
    /// How soon it should be woken.
    pub urgency: Urgency,
    /// When it stops being worth sending. In the past where the TTL is 0: try once.
    pub deadline: UnixMillis,
    /// The TTL was 0: the push service must not store it.
    pub now_or_never: bool,
    /// From when on it must not be sent any more, not even where it waited for a connection only.
    pub end: UnixMillis,
    /// What the push service sees of the collapse key.
    pub collapse: Option<CollapseHash>,
    /// The number on the app's icon.
    pub badge: Option<Badge>,
    /// The sound to play.
    pub sound: Option<&'a Sound>,
}
