//! One notification on its way to one subscription.

use std::fmt;
use std::time::Duration;

use super::{Badge, CollapseHash, DeliveryId, DeliveryOptions, NotificationId, Payload, Reach, Sound};
#[cfg(test)]
use super::{
    DeviceToken, Kind, PushService, RegistrationId, SenderId, SubscriptionId, TokenKind, Ttl, Urgency,
};
#[cfg(test)]
use crate::base::OsEntropy;
use crate::base::UnixMillis;

/// How long "now" is, for a TTL of 0.
const NOW: Duration = Duration::from_secs(10);

/// What is to be delivered, and where. It does not change while it waits, but for [`Reach`], which is looked
/// up anew whenever the delivery is leased from the outbox.
pub struct Delivery {
    /// Names the delivery to the device.
    pub id: DeliveryId,
    /// The notification that it belongs to.
    pub notification: NotificationId,
    /// Where it goes, as looked up when it was leased.
    pub reach: Reach,
    /// What it carries.
    pub payload: Payload,
    /// What holds for all targets of the notification.
    pub options: DeliveryOptions,
    /// What the push service sees of the collapse key.
    pub collapse: Option<CollapseHash>,
    /// The number on the app's icon.
    pub badge: Option<Badge>,
    /// The sound to play.
    pub sound: Option<Sound>,
    /// When the relay accepted the notification.
    pub accepted_at: UnixMillis,
}

impl Delivery {
    /// The same delivery to the same subscription, as it is reached now.
    #[must_use]
    pub fn reaching(&self, reach: Reach) -> Self {
        Self {
            id: self.id,
            notification: self.notification,
            reach,
            payload: self.payload.clone(),
            options: self.options.clone(),
            collapse: self.collapse,
            badge: self.badge,
            sound: self.sound.clone(),
            accepted_at: self.accepted_at,
        }
    }

    /// When the notification stops being worth sending.
    #[must_use]
    pub fn deadline(&self) -> UnixMillis {
        self.accepted_at.plus(self.options.ttl.duration())
    }

    /// From when on it must not be sent any more. A TTL of 0 means "now", and now is some seconds long: the
    /// time that a busy relay needs from admission to its one attempt.
    #[must_use]
    pub fn end(&self) -> UnixMillis {
        if self.options.ttl.seconds() == 0 { self.accepted_at.plus(NOW) } else { self.deadline() }
    }

    /// Whether no attempt may begin any more.
    #[must_use]
    pub fn too_late(&self, now: UnixMillis) -> bool {
        now >= self.end()
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("form", &self.payload.form())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Delivery {
    /// A delivery of `sender`'s, for tests of what passes deliveries on.
    pub(crate) fn example(sender: SenderId) -> Self {
        let entropy = OsEntropy;
        let reach = Reach {
            subscription: SubscriptionId::random(&entropy),
            sender,
            registration: RegistrationId::random(&entropy),
            app: "app".parse().unwrap(),
            push_service: PushService::Fcm,
            environment: None,
            token_kind: TokenKind::Standard,
            device_token: DeviceToken::parse(PushService::Fcm, "a-token").unwrap(),
            registered_at: UnixMillis(0),
            echoed: true,
            accepted_day: None,
            used: true,
            relay_key: None,
        };
        Self {
            id: DeliveryId::random(&entropy),
            notification: NotificationId::random(&entropy),
            reach,
            payload: Payload::Omitted { reference: None },
            options: DeliveryOptions {
                kind: Kind::Alert,
                urgency: Urgency::Normal,
                ttl: Ttl::from_seconds(60).unwrap(),
            },
            collapse: None,
            badge: None,
            sound: None,
            accepted_at: UnixMillis(0),
        }
    }
}
