//! Erases outcomes whose time is over.
//!
//! Must not touch what is still promised. Retention of everything else follows in `operator`.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::base::Clock;
use crate::storage::{Outbox, Storage};

/// Between two sweeps.
const PAUSE: Duration = Duration::from_mins(1);
/// The most notifications in one transaction, so that no sweep holds up those who wait to write.
const BATCH: u32 = 1000;

/// Erases old outcomes, a few at a time.
pub struct Sweeper {
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
}

impl Sweeper {
    /// A sweeper of this store.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>) -> Self {
        Self { outbox: Arc::clone(&store.outbox), clock }
    }

    /// Sweeps each minute until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut pause = tokio::time::interval(PAUSE);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = pause.tick() => self.sweep().await,
            }
        }
    }

    async fn sweep(&self) {
        loop {
            match self.outbox.forget(self.clock.now(), BATCH).await {
                Ok(erased) if erased == u64::from(BATCH) => {}
                Ok(_) => return,
                Err(error) => return tracing::error!(%error, "the store failed; trying again"),
            }
        }
    }
}
