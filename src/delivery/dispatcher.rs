//! Takes leases, from memory and from the outbox, and has each attempted.
//!
//! The usual way is through memory: intake hands over what it just accepted. What waits for another attempt,
//! or was left by a process that ended, is leased from the outbox when it is due. Must not know what an
//! attempt came to: `attempt.rs` decides, `settler.rs` writes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::Attempts;
use super::settler::{Settler, Settling};
use crate::base::{Clock, Entropy, UnixMillis};
use crate::model::{Lease, Settlement};
use crate::push_services::PushServices;
use crate::storage::Storage;
use crate::telemetry::Metrics;

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct DispatcherLimits {
    /// Attempts under way at once, over all push services.
    pub attempts: usize,
    /// Between two looks into the outbox for what is due.
    pub poll: Duration,
    /// How long a delivery that was leased from the outbox belongs to this process.
    pub lease: Duration,
}

impl Default for DispatcherLimits {
    fn default() -> Self {
        Self { attempts: 4096, poll: Duration::from_millis(500), lease: Duration::from_mins(5) }
    }
}

/// Has deliveries attempted.
pub struct Dispatcher {
    queue: mpsc::Receiver<Lease>,
    store: Storage,
    attempts: Arc<Attempts>,
    settler: mpsc::Sender<Settling>,
    limits: DispatcherLimits,
}

impl Dispatcher {
    /// A dispatcher that takes leases from `queue`, and the settler to which it hands what follows from them.
    #[must_use]
    pub fn new(
        queue: mpsc::Receiver<Lease>,
        store: Storage,
        push_services: Arc<PushServices>,
        metrics: Arc<Metrics>,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        limits: DispatcherLimits,
    ) -> (Self, Settler) {
        let (settler, settlings) = Settler::new(store.clone(), Arc::clone(&clock));
        let attempts = Arc::new(Attempts { push_services, clock, entropy, metrics });
        (Self { queue, store, attempts, settler: settlings, limits }, settler)
    }

    /// Runs until `shutdown`; then lets the attempts under way come to their end. What still waits in memory
    /// and was promised stays in the outbox.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.attempts));
        let mut under_way = JoinSet::new();
        let mut poll = tokio::time::interval(self.limits.poll);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(ended) = under_way.join_next() => report(ended),
                _ = poll.tick() => self.lease_what_is_due(&mut under_way, &places).await,
                lease = self.next_from_memory(&places) => match lease {
                    Some((lease, place)) => self.begin(&mut under_way, lease, place),
                    None => break,
                },
            }
        }
        self.let_go_of_what_waits();
        while let Some(ended) = under_way.join_next().await {
            report(ended);
        }
    }

    /// Gives back what waits in memory, so that those who wait with `wait: true` make theirs durable now and
    /// not when the slowest attempt has ended.
    fn let_go_of_what_waits(&mut self) {
        self.queue.close();
        while self.queue.try_recv().is_ok() {}
    }

    async fn next_from_memory(
        &mut self,
        places: &Arc<Semaphore>,
    ) -> Option<(Lease, tokio::sync::OwnedSemaphorePermit)> {
        // A place first: what cannot be attempted yet stays in the queue, whose bound intake feels.
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        self.queue.recv().await.map(|lease| (lease, place))
    }

    async fn lease_what_is_due(&self, under_way: &mut JoinSet<()>, places: &Arc<Semaphore>) {
        let free = u32::try_from(places.available_permits()).unwrap_or(u32::MAX);
        if free == 0 {
            return;
        }
        let now = self.attempts.clock.now();
        match self.store.outbox.lease(now, now.plus(self.limits.lease), free).await {
            Ok(leases) => {
                for lease in leases {
                    let Ok(place) = Arc::clone(places).try_acquire_owned() else { return };
                    self.begin(under_way, lease, place);
                }
            }
            Err(error) => tracing::error!(%error, "the store failed; trying again"),
        }
    }

    fn begin(&self, under_way: &mut JoinSet<()>, lease: Lease, place: tokio::sync::OwnedSemaphorePermit) {
        let (attempts, settler) = (Arc::clone(&self.attempts), self.settler.clone());
        under_way.spawn(async move {
            attempt_to_the_end(&attempts, &settler, lease).await;
            drop(place);
        });
    }
}

/// Attempts a lease until it is decided or has to wait, and hands on what follows.
async fn attempt_to_the_end(attempts: &Attempts, settler: &mpsc::Sender<Settling>, mut lease: Lease) {
    let settlement = loop {
        let settlement = attempts.attempt(&lease).await;
        match settlement {
            // Due at once: it never reached the push service, or its answer was lost the first time.
            Settlement::Postponed { due, attempts: made, answers_lost } if due <= attempts.clock.now() => {
                if answers_lost > lease.answers_lost {
                    attempts.metrics.repeated(lease.delivery.reach.push_service);
                }
                lease.attempts = made;
                lease.answers_lost = answers_lost;
            }
            settlement => break settlement,
        }
    };
    settle(attempts, settler, lease, settlement, attempts.clock.now()).await;
}

async fn settle(
    attempts: &Attempts,
    settler: &mpsc::Sender<Settling>,
    mut lease: Lease,
    settlement: Settlement,
    now: UnixMillis,
) {
    if let Settlement::Decided { outcome, .. } = &settlement {
        let delivery = &lease.delivery;
        attempts.metrics.outcome(delivery.reach.push_service, outcome, delivery.payload.form());
    }
    let ticket = lease.ticket.take();
    let settling =
        Settling { delivery: lease.delivery, settlement: settlement.clone(), durable: ticket.is_none() };
    if settling.matters(now) {
        // The settler ends only after the dispatcher: there is always someone to take it.
        let _ = settler.send(settling).await;
    }
    if let Some(ticket) = ticket {
        // Nobody waits any more where the sender's connection broke: it repeats the request.
        let _ = ticket.send(settlement);
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("an attempt panicked; its delivery is tried again when its lease runs out");
    }
}
