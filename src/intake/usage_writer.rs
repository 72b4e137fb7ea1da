//! Writes about once a minute what was counted of senders that share; where sharing is locked off, sees to it that
//! nothing of it is left.
//!
//! Counts that are not written are lost with a crash: they are about usage, and no promise hangs on them. Must not
//! count anything.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::SharingRules;
use crate::base::{Clock, Live};
use crate::model::{Actor, AuditEntry, SharingMode};
use crate::storage::{Sharing, Storage, StorageError};

/// Between two writes.
const PAUSE: Duration = Duration::from_mins(1);

/// Writes what is shared.
pub struct UsageWriter {
    sharing: Arc<dyn Sharing>,
    rules: Live<SharingRules>,
    clock: Arc<dyn Clock>,
}

impl UsageWriter {
    /// Writes into this store, under these rules.
    #[must_use]
    pub fn new(store: &Storage, rules: Live<SharingRules>, clock: Arc<dyn Clock>) -> Self {
        Self { sharing: Arc::clone(&store.sharing), rules, clock }
    }

    /// Writes until `shutdown`.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let mut pause = tokio::time::interval(PAUSE);
        pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = pause.tick() => {}
            }
            self.write_or_say_why().await;
        }
    }

    /// Writes what is there, and says why where that fails: it is tried again.
    pub async fn write_or_say_why(&self) {
        if let Err(error) = self.write().await {
            tracing::error!(%error, "the usage that senders share could not be written; trying again");
        }
    }

    /// Writes what was counted, or ends all sharing, as the rules say now.
    pub async fn write(&self) -> Result<(), StorageError> {
        let rules = *self.rules.get();
        self.sharing.recorder().set_least_devices(rules.least_devices);
        if rules.mode == SharingMode::LockedOff {
            return self.lock_off().await;
        }
        self.sharing.unlock();
        self.sharing.write_usage(self.clock.now()).await
    }

    async fn lock_off(&self) -> Result<(), StorageError> {
        let (subject, detail) = ("sharing".to_owned(), "by the config".to_owned());
        let action = "sharing.lock";
        let entry = AuditEntry { at: self.clock.now(), actor: Actor::Relay, action, subject, detail };
        let senders = self.sharing.lock_off(&entry).await?;
        if senders > 0 {
            tracing::warn!(
                count = senders,
                "sharing is locked off: what senders had agreed to share, and what was collected of it, is erased"
            );
        }
        Ok(())
    }
}
