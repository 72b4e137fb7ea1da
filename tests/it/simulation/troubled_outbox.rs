//! The outbox of SQLite, at which something goes wrong when it is told to.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sealpush::base::UnixMillis;
use sealpush::model::{CalledOff, Lease, NotificationId, SenderId, UnderWay};
use sealpush::storage::{
    CallOff, Enqueued, Finished, Known, Lane, LaneShare, Load, Outbox, Promise, SettledBatch, StorageError,
    WaitingGroup,
};
use tokio::sync::Notify;

use super::operation::{Point, Trouble};

/// What is going to go wrong, and what did.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    planned: Mutex<VecDeque<(Point, Trouble)>>,
    had: AtomicUsize,
    ended: AtomicBool,
    told: Notify,
}

impl Troubles {
    pub(super) fn plan(&self, point: Point, trouble: Trouble) {
        self.planned.lock().unwrap().push_back((point, trouble));
    }

    /// Nothing goes wrong any more.
    pub(super) fn forget(&self) {
        self.planned.lock().unwrap().clear();
    }

    /// How much went wrong so far.
    pub(super) fn had(&self) -> usize {
        self.had.load(Ordering::SeqCst)
    }

    /// Whether the process has come to its end.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Comes when the process has come to its end.
    pub(super) async fn ended(&self) {
        loop {
            let told = self.told.notified();
            if self.has_ended() {
                return;
            }
            told.await;
        }
    }

    /// The next process.
    pub(super) fn begin_anew(&self) {
        self.ended.store(false, Ordering::SeqCst);
    }

    fn next(&self, at: Point) -> Option<Trouble> {
        let mut planned = self.planned.lock().unwrap();
        let place = planned.iter().position(|(point, _)| *point == at)?;
        self.had.fetch_add(1, Ordering::SeqCst);
        planned.remove(place).map(|(_, trouble)| trouble)
    }

    /// Nothing comes back from a process that has ended.
    async fn end<T>(&self) -> T {
        self.ended.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
        pending().await
    }

    async fn meet<T>(
        &self,
        at: Point,
        call: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        if self.has_ended() {
            return self.end().await;
        }
        match self.next(at) {
            None => call.await,
            Some(Trouble::Fails) => Err(StorageError::Unwritable("a test")),
            Some(Trouble::FailsWritten) => {
                call.await?;
                Err(StorageError::Unwritable("a test, when it was written"))
            }
            Some(Trouble::EndsBefore) => self.end().await,
            Some(Trouble::EndsAfter) => {
                let _nobody_learns = call.await;
                self.end().await
            }
        }
    }
}

/// An outbox in trouble.
pub(super) struct TroubledOutbox {
    pub(super) outbox: Arc<dyn Outbox>,
    pub(super) troubles: Arc<Troubles>,
}

#[async_trait]
impl Outbox for TroubledOutbox {
    async fn promise(&self, promise: &Promise<'_>) -> Result<Enqueued, StorageError> {
        self.troubles.meet(Point::Promise, self.outbox.promise(promise)).await
    }

    async fn call_off(
        &self,
        which: &CallOff<'_>,
        why: CalledOff,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<u64, StorageError> {
        self.troubles.meet(Point::CallOff, self.outbox.call_off(which, why, at, keep_until)).await
    }

    fn under_way(&self) -> &UnderWay {
        self.outbox.under_way()
    }

    async fn finish(&self, finished: &[Finished]) -> Result<(), StorageError> {
        self.troubles.meet(Point::Finish, self.outbox.finish(finished)).await
    }

    fn lanes(&self) -> Vec<Lane> {
        self.outbox.lanes()
    }

    async fn lease(
        &self,
        from: &[LaneShare],
        now: UnixMillis,
        leased_until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Lease>, StorageError> {
        self.troubles.meet(Point::Lease, self.outbox.lease(from, now, leased_until, limit)).await
    }

    async fn bring_forward(&self, now: UnixMillis, by: Duration) -> Result<(), StorageError> {
        self.outbox.bring_forward(now, by).await
    }

    async fn settle(
        &self,
        batch: &SettledBatch,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<(), StorageError> {
        self.troubles.meet(Point::Settle, self.outbox.settle(batch, at, keep_until)).await
    }

    fn ended_without_attempt(&self) -> Vec<(&'static str, u64)> {
        self.outbox.ended_without_attempt()
    }

    async fn release_all(&self) -> Result<u64, StorageError> {
        self.outbox.release_all().await
    }

    async fn known(
        &self,
        sender: SenderId,
        notification: NotificationId,
    ) -> Result<Option<Known>, StorageError> {
        self.outbox.known(sender, notification).await
    }

    async fn forget(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError> {
        self.outbox.forget(now, limit).await
    }

    async fn writable(&self) -> Result<(), StorageError> {
        self.outbox.writable().await
    }

    fn load(&self, sender: SenderId) -> (Load, Load) {
        self.outbox.load(sender)
    }

    async fn groups(&self, now: UnixMillis) -> Result<Vec<WaitingGroup>, StorageError> {
        self.outbox.groups(now).await
    }

    async fn depth(&self) -> Result<(Load, Option<UnixMillis>), StorageError> {
        self.outbox.depth().await
    }
}
