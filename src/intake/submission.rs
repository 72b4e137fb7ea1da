//! What a sender asked, before it is a notification.

use crate::model::{
    Badge, CollapseKey, DeliveryOptions, NotificationId, Payload, Reference, Sound, SubscriptionId,
};
use crate::privacy::ReadableContent;

use super::AuthenticatedSender;

/// One request to notify, well-formed and not yet admitted. It may hold readable content, and is consumed.
pub struct Submission {
    /// Who asks.
    pub sender: AuthenticatedSender,
    /// The notification's id, drawn by the sender.
    pub id: NotificationId,
    /// Keyed hash of the request's body: see [`super::Submit::body_hash`].
    pub body_hash: [u8; 32],
    /// What holds for all targets.
    pub options: DeliveryOptions,
    /// Whether the answer waits for outcomes.
    pub wait: bool,
    /// What newer notifications replace it.
    pub collapse_key: Option<CollapseKey>,
    /// Content for the targets that come without an envelope.
    pub content: Option<ReadableContent>,
    /// Where it goes; no subscription and no delivery id twice.
    pub targets: Vec<SubmittedTarget>,
}

/// One target.
pub struct SubmittedTarget {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// What the sender gave for it.
    pub content: SubmittedContent,
    /// The number on the app's icon.
    pub badge: Option<Badge>,
    /// The sound to play.
    pub sound: Option<Sound>,
}

/// What a sender gave for one target.
pub enum SubmittedContent {
    /// An envelope that it sealed.
    Envelope(sealpush_seal::Envelope),
    /// No envelope: the notification's content where there is one, else none.
    Free {
        /// By which the app fetches the content from its own server.
        reference: Option<Reference>,
    },
}

impl SubmittedContent {
    /// The payload of a target that needs no content of the relay's.
    pub(super) fn without_content(self) -> Payload {
        match self {
            Self::Envelope(envelope) => Payload::Sealed { envelope, by_relay: false },
            Self::Free { reference } => Payload::Omitted { reference },
        }
    }
}
