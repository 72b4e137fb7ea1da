//! A delivery that this process, and no other, may attempt now.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Begun, Delivery, Settlement};

/// One delivery on its way to one subscription, held by this process.
///
/// Either its row stands in the outbox (`ticket` is `None`) and the settlement is written there, or nothing
/// was written yet (`wait: true`) and the settlement goes back to intake.
#[derive(Debug)]
pub struct Lease {
    /// What is to be delivered, and where.
    pub delivery: Arc<Delivery>,
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts so far whose answer was lost.
    pub answers_lost: u32,
    /// The way back, where nothing was written yet.
    pub ticket: Option<Ticket>,
}

/// The way back to intake for a lease of which nothing is written: what followed, and the right to the delivery until
/// that is known where it must be.
pub type Ticket = oneshot::Sender<(Settlement, Begun)>;
