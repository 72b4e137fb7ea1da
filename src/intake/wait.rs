//! `wait: true`: deliveries are attempted from memory, and nothing is written before the first attempt.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::admit::target_outcome;
use crate::base::{Clock, UnixMillis};
use crate::model::{Delivery, Lease, Settlement, TargetOutcome};

/// What is known of a delivery when the wait is over.
pub(super) enum Waited {
    /// It ended.
    Decided(TargetOutcome),
    /// It did not, and must become durable now.
    Undecided(Undecided),
}

/// A delivery that was not decided while its sender waited.
pub(super) struct Undecided {
    pub(super) delivery: Arc<Delivery>,
    /// When it may be attempted again.
    pub(super) due: UnixMillis,
    pub(super) attempts: u32,
    pub(super) answers_lost: u32,
    /// An attempt is under way: this is how its settlement comes back.
    pub(super) under_way: Option<oneshot::Receiver<Settlement>>,
}

/// Attempts all `deliveries` until they are decided or `limit` is over.
pub(super) async fn wait(
    queue: &mpsc::Sender<Lease>,
    clock: &dyn Clock,
    deliveries: Vec<Arc<Delivery>>,
    limit: Duration,
) -> Vec<Waited> {
    let end = Instant::now() + limit;
    join_all(deliveries.into_iter().map(|delivery| wait_for_one(queue, clock, delivery, end))).await
}

async fn wait_for_one(
    queue: &mpsc::Sender<Lease>,
    clock: &dyn Clock,
    delivery: Arc<Delivery>,
    end: Instant,
) -> Waited {
    let (mut attempts, mut answers_lost) = (0, 0);
    loop {
        let undecided = |due, under_way| {
            let delivery = Arc::clone(&delivery);
            Waited::Undecided(Undecided { delivery, due, attempts, answers_lost, under_way })
        };
        let (ticket, mut settlement) = oneshot::channel();
        let lease = Lease { delivery: Arc::clone(&delivery), attempts, answers_lost, ticket: Some(ticket) };
        // A closed queue means that the relay is stopping: the delivery goes to the outbox like any other.
        match timeout_at(end, queue.send(lease)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return undecided(clock.now(), None),
        }
        match timeout_at(end, &mut settlement).await {
            Err(_) => return undecided(clock.now(), Some(settlement)),
            Ok(Err(_)) => return undecided(clock.now(), None),
            Ok(Ok(Settlement::Decided { outcome, at, .. })) => {
                return Waited::Decided(target_outcome(&delivery, outcome, at));
            }
            Ok(Ok(Settlement::Postponed { due, attempts: made, answers_lost: lost })) => {
                let again = Instant::now() + due.since(clock.now());
                (attempts, answers_lost) = (made, lost);
                if again >= end {
                    let delivery = Arc::clone(&delivery);
                    let under_way = None;
                    return Waited::Undecided(Undecided { delivery, due, attempts, answers_lost, under_way });
                }
                sleep_until(again).await;
            }
        }
    }
}
