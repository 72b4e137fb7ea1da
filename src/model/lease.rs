//! A delivery that this process, and no other, may attempt now.

use tokio::sync::oneshot;

use super::{
    Badge, CollapseHash, DeliveryId, DeliveryOptions, NotificationId, Payload, Reach, Settlement, Sound,
};
use crate::base::UnixMillis;

/// One delivery on its way to one subscription, held by this process.
///
/// Either its row stands in the outbox (`ticket` is `None`) and the settlement is written there, or nothing
/// was written yet (`wait: true`) and the lease goes back to intake with its settlement.
pub struct Lease {
    /// Names the delivery to the device.
    pub delivery: DeliveryId,
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
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts so far whose answer was lost.
    pub answers_lost: u32,
    /// The way back, where nothing was written yet.
    pub ticket: Option<Ticket>,
}

impl Lease {
    /// When the notification stops being worth sending.
    #[must_use]
    pub fn deadline(&self) -> UnixMillis {
        self.accepted_at.plus(self.options.ttl.duration())
    }
}

/// The way back to intake for a lease of which nothing is written.
pub type Ticket = oneshot::Sender<Returned>;

/// A lease whose attempt came to an end, with what follows from it.
pub struct Returned {
    /// The lease; its ticket is spent.
    pub lease: Lease,
    /// What follows.
    pub settlement: Settlement,
}
