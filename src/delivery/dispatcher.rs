//! Takes leases, from memory and from the outbox, and has each attempted.
//!
//! The usual way is through memory: intake hands over what it just accepted. What waits for another attempt,
//! or was left by a process that ended, is leased from the outbox when it is due. Must not know what an
//! attempt came to: `attempt.rs` decides, `settler.rs` writes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::attempt::Attempts;
use super::settler::{Settler, Settling};
use super::tried_elsewhere::TriedElsewhere;
use super::turns::{Open, Turns};
use crate::base::{Clock, Entropy, Live, UnixMillis};
use crate::model::{Apps, Begun, Effect, Lease, Leases, PushWay, Settlement};
use crate::push_services::{Passing, PushServices};
use crate::storage::{Storage, StorageError};
use crate::telemetry::Metrics;

/// The most deliveries that were leased from the outbox and wait in memory for their turn.
const LEASED_AT_ONCE: usize = 1024;
/// A clock that is so far behind what it showed was set back; less is how clocks are kept right.
const SET_BACK: Duration = Duration::from_secs(1);
/// Lanes of the outbox that are asked by one query.
const LANES_AT_ONCE: usize = 256;

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct DispatcherLimits {
    /// Attempts under way at once, over all push services.
    pub attempts: usize,
    /// Between two looks into the outbox for what is due.
    pub poll: Duration,
    /// How long a delivery that was leased from the outbox belongs to this process.
    pub lease: Duration,
    /// How long outcomes are kept.
    pub keep_outcomes: Duration,
}

impl Default for DispatcherLimits {
    fn default() -> Self {
        // The process that holds the database keeps its leases until it ends: were they to run out while it
        // runs (a store that cannot be written, a clock that jumps), it would push twice. The next process frees
        // them when it starts.
        let lease = Duration::from_hours(24 * 365);
        Self {
            attempts: 4096,
            poll: Duration::from_millis(500),
            lease,
            keep_outcomes: Duration::from_hours(24),
        }
    }
}

/// Has deliveries attempted.
pub struct Dispatcher {
    queue: Leases,
    store: Storage,
    attempts: Arc<Attempts>,
    settler: mpsc::Sender<Settling>,
    limits: DispatcherLimits,
}

impl Dispatcher {
    /// A dispatcher that takes leases from `queue`, and the settler to which it hands what follows from them.
    #[must_use]
    pub fn new(
        queue: Leases,
        store: Storage,
        (apps, push_services): (Live<Apps>, Arc<PushServices>),
        metrics: Arc<Metrics>,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        limits: DispatcherLimits,
    ) -> (Self, Settler) {
        let (settler, settlings) = Settler::new(store.clone(), Arc::clone(&clock), limits.keep_outcomes);
        let attempts = Arc::new(Attempts {
            apps,
            senders: Arc::clone(&store.senders),
            under_way: store.outbox.under_way().clone(),
            registrations: Arc::clone(&store.registrations),
            push_services,
            clock,
            entropy,
            metrics,
            tried_elsewhere: TriedElsewhere::default(),
        });
        (Self { queue, store, attempts, settler: settlings, limits }, settler)
    }

    /// Runs until `shutdown`; then lets the attempts under way come to their end. What still waits in memory
    /// goes back to those who wait for it, who make it durable; what was promised stays in the outbox.
    pub async fn run(self, shutdown: CancellationToken) {
        let Self { queue, store, attempts, settler, limits } = self;
        let way = Way {
            attempts,
            settler,
            places: Arc::new(Semaphore::new(limits.attempts)),
            tasks: TaskTracker::new(),
        };
        // The outbox apart from memory: a slow store must not hold up what needs no store.
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = way.take_from_memory(&queue) => {}
            () = way.take_from_outbox(&queue, &store, limits) => {}
        }
        queue.close();
        way.tasks.close();
        way.tasks.wait().await;
    }
}

/// What every lease goes through.
struct Way {
    attempts: Arc<Attempts>,
    settler: mpsc::Sender<Settling>,
    /// Places for attempts under way.
    places: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Way {
    async fn take_from_memory(&self, queue: &Leases) {
        // A place first: what takes it is then whoever's turn it is.
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            self.begin(queue.next().await, place);
        }
    }

    /// What is due takes its sender's turn in the queue, so that neither a flood in memory nor one in the outbox keeps
    /// the other out.
    async fn take_from_outbox(&self, queue: &Leases, store: &Storage, limits: DispatcherLimits) {
        let mut poll = tokio::time::interval(limits.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut turns, mut last) = (Turns::default(), self.attempts.clock.now());
        loop {
            tokio::select! {
                _ = poll.tick() => {}
                () = queue.outbox_is_low() => {}
            }
            let now = self.attempts.clock.now();
            match bring_forward(store, last, now).await {
                Ok(seen) => last = seen,
                Err(error) => {
                    tracing::error!(%error, "the store failed; trying again");
                    continue;
                }
            }
            // Where something was due, more may be. Of a way that is full, or that one may try, some are under way now.
            let (began, mut narrowest) = (Instant::now(), Passing::One);
            while self.take_round(queue, store, (&mut turns, narrowest), limits.lease).await
                && queue.has_room_for_outbox()
                && began.elapsed() < limits.poll
            {
                narrowest = Passing::Free;
            }
        }
    }

    /// Asks every lane once whose way is open, as wide as `narrowest` or wider, as far as there is room; whether anything
    /// was found.
    async fn take_round(
        &self,
        queue: &Leases,
        store: &Storage,
        (turns, narrowest): (&mut Turns, Passing),
        lease: Duration,
    ) -> bool {
        let passing = |way: &PushWay| {
            let passing = self.attempts.push_services.passing(way);
            if passing < narrowest { Passing::Nobody } else { passing }
        };
        let open = turns.open(store.outbox.lanes(), passing);
        let mut found = false;
        // What has come to its end is asked for also where no lane is open.
        let nothing: &[Open] = &[];
        for lanes in open.chunks(LANES_AT_ONCE).chain(open.is_empty().then_some(nothing)) {
            let room = LEASED_AT_ONCE.saturating_sub(queue.from_outbox());
            let Some(room) = u32::try_from(room).ok().filter(|room| *room > 0) else { return found };
            let now = self.attempts.clock.now();
            let shares = Turns::share(lanes, room);
            match store.outbox.lease(&shares, now, now.plus(lease), room).await {
                Ok(leases) => {
                    found |= !leases.is_empty();
                    queue.put_from_outbox(leases);
                }
                Err(error) => {
                    tracing::error!(%error, "the store failed; trying again");
                    return false;
                }
            }
            if let Some((lane, _)) = lanes.last() {
                turns.end_with(lane);
            }
        }
        // All were asked: another one is the first in the next round.
        if let Some((lane, _)) = open.first() {
            turns.end_with(lane);
        }
        found
    }

    fn begin(&self, lease: Lease, place: OwnedSemaphorePermit) {
        let (attempts, settler) = (Arc::clone(&self.attempts), self.settler.clone());
        self.tasks.spawn(async move {
            attempt_to_the_end(&attempts, &settler, lease).await;
            drop(place);
        });
    }
}

/// Due times are by the clock: where it was set back, what waits would wait for so much longer. `last`: the latest that
/// was seen so far; what it is now.
async fn bring_forward(
    store: &Storage,
    last: UnixMillis,
    now: UnixMillis,
) -> Result<UnixMillis, StorageError> {
    let by = last.since(now);
    if by < SET_BACK {
        return Ok(last.max(now));
    }
    tracing::warn!(
        seconds = by.as_secs(),
        "the clock was set back; what waits is brought forward by as much"
    );
    store.outbox.bring_forward(now, by).await?;
    Ok(now)
}

/// Attempts a lease until it is decided or has to wait, and hands on what follows.
async fn attempt_to_the_end(attempts: &Attempts, settler: &mpsc::Sender<Settling>, mut lease: Lease) {
    // What was called off while it lay in memory has ended.
    let Some(begun) = attempts.under_way.begin(lease.delivery.key()).await else { return };
    let mut looked_again = false;
    let settlement = loop {
        let attempt = AssertUnwindSafe(attempts.attempt(&lease)).catch_unwind();
        let settlement = attempt.await.unwrap_or_else(|_| attempts.panicked(&lease));
        match settlement {
            // Due at once: it never reached the push service, or its answer was lost the first time.
            Settlement::Postponed { due, attempts: made, answers_lost } if due <= attempts.clock.now() => {
                if answers_lost > lease.answers_lost {
                    attempts.metrics.repeated(lease.delivery.reach.push_service);
                }
                lease.attempts = made;
                lease.answers_lost = answers_lost;
            }
            // A token that was replaced while it was tried: that it is dead says nothing of the one that came after it.
            settlement @ Settlement::Decided { effect: Effect::Dead { .. }, .. } if !looked_again => {
                looked_again = true;
                match attempts.reached_otherwise(&lease.delivery).await {
                    Some(reach) => {
                        // Other registrations may hold the dead one.
                        let (delivery, now) = (Arc::clone(&lease.delivery), attempts.clock.now());
                        hand_on(settler, Settling { delivery, settlement, begun: None }, now).await;
                        lease.attempts += 1;
                        lease.delivery = Arc::new(lease.delivery.reaching(reach));
                    }
                    None => break settlement,
                }
            }
            settlement => break settlement,
        }
    };
    settle(attempts, settler, (lease, begun), settlement, attempts.clock.now()).await;
}

async fn settle(
    attempts: &Attempts,
    settler: &mpsc::Sender<Settling>,
    (mut lease, begun): (Lease, Begun),
    settlement: Settlement,
    now: UnixMillis,
) {
    if let Settlement::Decided { outcome, .. } = &settlement {
        let delivery = &lease.delivery;
        if delivery.payload.is_notification() {
            attempts.metrics.outcome(delivery.reach.push_service, outcome, delivery.payload.form());
            let lasted = now.since(delivery.accepted_at).as_secs_f64();
            attempts.metrics.delivery(delivery.reach.push_service, lasted);
        }
    }
    let (back, begun) = match lease.ticket.take() {
        Some(ticket) => (Some((ticket, begun)), None),
        None => (None, Some(begun)),
    };
    hand_on(settler, Settling { delivery: lease.delivery, settlement: settlement.clone(), begun }, now).await;
    if let Some((ticket, begun)) = back {
        // Nobody waits any more where the sender's connection broke: it repeats the request.
        let _ = ticket.send((settlement, begun));
    }
}

async fn hand_on(settler: &mpsc::Sender<Settling>, settling: Settling, now: UnixMillis) {
    if settling.matters(now) {
        // The settler ends only after the dispatcher: there is always someone to take it.
        let _ = settler.send(settling).await;
    }
}
