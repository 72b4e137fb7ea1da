//! `wait: true`: deliveries are attempted from memory, and nothing is written before the first attempt.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::admit::target_outcome;
use super::call_offs::CallOff;
use crate::base::{Clock, UnixMillis};
use crate::model::{
    Begun, CalledOff, Delivery, Lease, LeaseQueue, Outcome, PushService, Settlement, TargetOutcome, UnderWay,
};

/// What is known of a delivery when the wait is over.
pub(super) enum Waited {
    /// It ended, on its way to this push service.
    Decided(PushService, TargetOutcome),
    /// It did not, and must become durable now.
    Undecided(Undecided),
}

/// The way back of an attempt.
pub(super) type WayBack = oneshot::Receiver<(Settlement, Begun)>;

/// A delivery that was not decided while its sender waited.
pub(super) struct Undecided {
    pub(super) delivery: Arc<Delivery>,
    /// When it may be attempted again.
    pub(super) due: UnixMillis,
    pub(super) attempts: u32,
    pub(super) answers_lost: u32,
    /// An attempt is under way, or will be: this is how its settlement comes back.
    pub(super) under_way: Option<WayBack>,
    /// How it would have learned that it is called off.
    pub(super) call_off: CallOff,
}

/// What those who wait go through.
pub(super) struct Waiting<'a> {
    pub(super) queue: &'a LeaseQueue,
    pub(super) under_way: &'a UnderWay,
    pub(super) clock: &'a dyn Clock,
}

impl Waiting<'_> {
    /// Attempts all `deliveries` until they are decided or `limit` is over.
    pub(super) async fn wait(
        &self,
        deliveries: impl IntoIterator<Item = (Arc<Delivery>, CallOff)>,
        limit: Duration,
    ) -> Vec<Waited> {
        let end = Instant::now() + limit;
        join_all(
            deliveries
                .into_iter()
                .map(|(delivery, call_off)| One { of: self, delivery, call_off, end }.wait()),
        )
        .await
    }
}

/// One delivery that is waited for.
struct One<'a> {
    of: &'a Waiting<'a>,
    delivery: Arc<Delivery>,
    call_off: CallOff,
    end: Instant,
}

/// What came first.
enum First<T> {
    Came(T),
    WaitEnded,
    CalledOff(CalledOff),
}

impl One<'_> {
    async fn wait(self) -> Waited {
        let (mut attempts, mut answers_lost) = (0, 0);
        loop {
            let (ticket, mut way_back) = oneshot::channel();
            let delivery = Arc::clone(&self.delivery);
            let lease = Lease { delivery, attempts, answers_lost, ticket: Some(ticket) };
            // A closed queue means that the relay is stopping: the delivery goes to the outbox like any other.
            if self.of.queue.put(lease).is_err() {
                let now = self.of.clock.now();
                return self.undecided((now, attempts, answers_lost), None);
            }
            let mut called_off = None;
            let mut first = self.first(&mut way_back).await;
            if let First::CalledOff(why) = first {
                if self.of.under_way.call_off(self.delivery.key(), why, self.of.clock.now()) {
                    return self.ended_by(why);
                }
                // It is under way: it ends as it ends, and is not tried again.
                called_off = Some(why);
                first = timeout_at(self.end, &mut way_back).await.map_or(First::WaitEnded, First::Came);
            }
            match (first, called_off) {
                (First::Came(Ok((Settlement::Decided { outcome, at, .. }, _))), _) => {
                    return self.decided(outcome, at);
                }
                (First::Came(_), Some(why)) | (First::CalledOff(why), _) => return self.ended_by(why),
                (First::Came(Err(_)), None) => {
                    let now = self.of.clock.now();
                    return self.undecided((now, attempts, answers_lost), None);
                }
                (First::WaitEnded, _) => {
                    let now = self.of.clock.now();
                    return self.undecided((now, attempts, answers_lost), Some(way_back));
                }
                (
                    First::Came(Ok((Settlement::Postponed { due, attempts: made, answers_lost: lost }, _))),
                    None,
                ) => {
                    (attempts, answers_lost) = (made, lost);
                    let again = Instant::now() + due.since(self.of.clock.now());
                    if again >= self.end {
                        return self.undecided((due, attempts, answers_lost), None);
                    }
                    if let First::CalledOff(why) = self.first(sleep_until(again)).await {
                        return self.ended_by(why);
                    }
                }
            }
        }
    }

    /// Waits for `event`, at most until the wait ends or the delivery is called off.
    async fn first<T>(&self, event: impl Future<Output = T>) -> First<T> {
        tokio::select! {
            biased;
            came = timeout_at(self.end, event) => came.map_or(First::WaitEnded, First::Came),
            why = self.call_off.called() => First::CalledOff(why),
        }
    }

    fn ended_by(&self, why: CalledOff) -> Waited {
        self.decided(why.into(), self.of.clock.now())
    }

    fn decided(&self, outcome: Outcome, at: UnixMillis) -> Waited {
        let push_service = self.delivery.reach.push_service;
        Waited::Decided(push_service, target_outcome(&self.delivery, outcome, at))
    }

    fn undecided(
        &self,
        (due, attempts, answers_lost): (UnixMillis, u32, u32),
        under_way: Option<WayBack>,
    ) -> Waited {
        let (delivery, call_off) = (Arc::clone(&self.delivery), self.call_off.clone());
        Waited::Undecided(Undecided { delivery, due, attempts, answers_lost, under_way, call_off })
    }
}
