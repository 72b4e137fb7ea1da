//! Writes, after the answer, what intake still owes the store: outcomes that are kept, and settlements of
//! deliveries that became durable while an attempt was under way.
//!
//! Many are written in one transaction. Must not decide anything, and must not be waited for by a sender.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;

use super::running::Turn;
use super::wait::WayBack;
use crate::base::Clock;
use crate::model::{Begun, Delivery};
use crate::storage::{Finished, Outbox, Settled, SettledBatch, Storage, StorageError};

/// The most in one transaction.
const BATCH: usize = 512;
/// What may wait for the store; above it, answers wait too.
const WAITING: usize = 16_384;
/// How long the first outcome of a batch waits for others. Nobody waits for it: its sender has its answer.
const LINGER: Duration = Duration::from_millis(50);
/// Between two tries to write to a store that fails.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// What is to be written after the answer.
pub(super) enum Keeping {
    /// Outcomes of a notification of which nothing waits. Its turn ends when they stand in the store, so that
    /// a second copy of the request finds it in one place or the other.
    Finished(Finished, Turn),
    /// A delivery that became durable while its attempt was under way.
    Adopted { delivery: Arc<Delivery>, way_back: WayBack },
}

/// Keeps what the store must know after the answer.
pub struct Keeper {
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    /// How long outcomes are kept.
    keep: Duration,
    keepings: mpsc::Receiver<Keeping>,
}

impl Keeper {
    pub(super) fn new(
        store: &Storage,
        clock: Arc<dyn Clock>,
        keep: Duration,
    ) -> (Self, mpsc::Sender<Keeping>) {
        let (sender, keepings) = mpsc::channel(WAITING);
        (Self { outbox: Arc::clone(&store.outbox), clock, keep, keepings }, sender)
    }

    /// Writes until intake is gone and nothing is left.
    pub async fn run(mut self) {
        let mut adopted: FuturesUnordered<BoxFuture<'static, Option<(Settled, Begun)>>> =
            FuturesUnordered::new();
        let mut batch = Vec::with_capacity(BATCH);
        let mut open = true;
        while open || !adopted.is_empty() {
            tokio::select! {
                count = self.keepings.recv_many(&mut batch, BATCH), if open => {
                    open = count > 0;
                    tokio::time::sleep(LINGER).await;
                    while let Some(keeping) = (batch.len() < BATCH).then(|| self.keepings.try_recv().ok()).flatten() {
                        batch.push(keeping);
                    }
                    adopted.extend(self.keep(&mut batch).await);
                }
                Some(first) = adopted.next() => {
                    let ready = std::iter::from_fn(|| adopted.next().now_or_never().flatten());
                    // The rights to them end when that is written.
                    let (settled, _begun): (Vec<_>, Vec<_>) =
                        std::iter::once(first).chain(ready.take(BATCH - 1)).flatten().unzip();
                    let batch = SettledBatch { settled, ..SettledBatch::default() };
                    let now = self.clock.now();
                    persist(|| self.outbox.settle(&batch, now, now.plus(self.keep))).await;
                }
            }
        }
    }

    /// Writes what is finished; what is adopted comes back, to be waited for.
    async fn keep(&self, batch: &mut Vec<Keeping>) -> Vec<BoxFuture<'static, Option<(Settled, Begun)>>> {
        let (mut finished, mut turns) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        let mut adopted: Vec<BoxFuture<'static, Option<(Settled, Begun)>>> = Vec::new();
        for keeping in batch.drain(..) {
            match keeping {
                Keeping::Finished(one, turn) => {
                    finished.push(one);
                    turns.push(turn);
                }
                Keeping::Adopted { delivery, way_back } => adopted.push(Box::pin(async move {
                    // An attempt ends without a word only where the relay stops; the next start frees its lease.
                    let (settlement, begun) = way_back.await.ok()?;
                    Some((Settled::of(&delivery, settlement), begun))
                })),
            }
        }
        if !finished.is_empty() {
            persist(|| self.outbox.finish(&finished)).await;
        }
        drop(turns);
        adopted
    }
}

/// Writes, again and again where the store cannot be written now.
async fn persist<'a, F>(mut write: impl FnMut() -> F)
where
    F: Future<Output = Result<(), StorageError>> + 'a,
{
    while let Err(error) = write().await {
        tracing::error!(%error, "the store failed; trying again");
        tokio::time::sleep(STORE_PAUSE).await;
    }
}
