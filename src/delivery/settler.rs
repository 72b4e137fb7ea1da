//! Writes what followed from attempts, many in one transaction.
//!
//! Owns the only way from an attempt to the store. Must not decide anything: settlements come decided.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::{Clock, UnixMillis};
use crate::model::{Begun, Delivery, Effect, Reach, Settlement};
use crate::storage::{DeadToken, Settled, SettledBatch, Storage, StorageError, Used};

/// The most settlements in one transaction.
const BATCH: usize = 512;
/// Settlements that wait for the store; above it, attempts wait too.
const WAITING: usize = 16_384;
/// Between two tries to write to a store that fails.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// A delivery's settlement on its way to the store.
#[derive(Debug)]
pub(super) struct Settling {
    pub(super) delivery: Arc<Delivery>,
    pub(super) settlement: Settlement,
    /// The right to a delivery that has a row in the outbox, kept until the settlement is written; where it has
    /// none, only the effect is written.
    pub(super) begun: Option<Begun>,
}

impl Settling {
    /// Whether there is anything to write.
    pub(super) fn matters(&self, now: UnixMillis) -> bool {
        self.begun.is_some() || self.dead().is_some() || self.used(now).is_some()
    }

    fn settled(&self) -> Option<Settled> {
        self.begun.as_ref().map(|_| Settled::of(&self.delivery, self.settlement.clone()))
    }

    /// The use of a registration, where the store does not know of it: the first of a day, and of no day before it.
    fn used(&self, now: UnixMillis) -> Option<Used> {
        // That a code was taken proves nothing of its own: only its echo does.
        if !self.delivery.payload.is_notification() {
            return None;
        }
        let Settlement::Decided { effect: Effect::Accepted { environment }, .. } = self.settlement else {
            return None;
        };
        let (reach, day) = (&self.delivery.reach, now.day());
        if reach.used && reach.accepted_day.is_some_and(|known| known >= day) && environment.is_none() {
            return None;
        }
        Some(Used {
            subscription: reach.subscription,
            registration: reach.registration,
            day,
            environment,
            registered_at: reach.registered_at,
        })
    }

    /// The token that died, where it did.
    fn dead(&self) -> Option<DeadToken> {
        let Settlement::Decided { effect: Effect::Dead { since }, .. } = self.settlement else { return None };
        let Reach { app, device_token, .. } = &self.delivery.reach;
        Some(DeadToken { app: app.clone(), device_token: device_token.clone(), since })
    }
}

/// Takes settlements and writes them in batches.
pub struct Settler {
    store: Storage,
    clock: Arc<dyn Clock>,
    /// How long outcomes are kept.
    keep: Duration,
    settlings: mpsc::Receiver<Settling>,
}

impl Settler {
    /// A settler, and the way to it.
    pub(super) fn new(
        store: Storage,
        clock: Arc<dyn Clock>,
        keep: Duration,
    ) -> (Self, mpsc::Sender<Settling>) {
        let (sender, settlings) = mpsc::channel(WAITING);
        (Self { store, clock, keep, settlings }, sender)
    }

    /// Writes until every sender of settlements is gone and nothing is left.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.settlings.recv_many(&mut batch, BATCH).await > 0 {
            // A store that cannot be written now holds up the deliveries behind it and loses none: leases run
            // out only after this process ended.
            while let Err(error) = self.write(&batch).await {
                tracing::error!(%error, "the store failed; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
            }
            batch.clear();
        }
    }

    async fn write(&self, batch: &[Settling]) -> Result<(), StorageError> {
        let now = self.clock.now();
        let batch = SettledBatch {
            settled: batch.iter().filter_map(Settling::settled).collect(),
            used: batch.iter().filter_map(|settling| settling.used(now)).collect(),
            dead: batch.iter().filter_map(Settling::dead).collect(),
        };
        self.store.outbox.settle(&batch, now, now.plus(self.keep)).await
    }
}
