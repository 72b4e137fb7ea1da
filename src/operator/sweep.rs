//! Erases invites, credentials and operators' tokens whose time is over.
//!
//! They stop counting at that time by themselves; this makes them vanish. Must not touch what still counts.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::base::{Clock, UnixMillis};
use crate::storage::{Admission, Credentials, OperatorTokens, Storage, StorageError};

/// Between two sweeps.
const PAUSE: Duration = Duration::from_mins(1);
/// How long a used invite stays, for who lost the answer and repeats the request.
const USED_INVITE: Duration = Duration::from_hours(1);

/// Erases what authorised and has ended.
pub struct Sweep {
    admission: Arc<dyn Admission>,
    credentials: Arc<dyn Credentials>,
    tokens: Arc<dyn OperatorTokens>,
    clock: Arc<dyn Clock>,
}

impl Sweep {
    /// Sweeps this store.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>) -> Self {
        Self {
            admission: Arc::clone(&store.admission),
            credentials: Arc::clone(&store.credentials),
            tokens: Arc::clone(&store.operator_tokens),
            clock,
        }
    }

    /// Sweeps each minute until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut pause = tokio::time::interval(PAUSE);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = pause.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::error!(%error, "the store failed; trying again");
                    }
                }
            }
        }
    }

    /// Erases what has ended now. How many there were.
    pub async fn sweep(&self) -> Result<u64, StorageError> {
        let now = self.clock.now();
        let hour = i64::try_from(USED_INVITE.as_millis()).unwrap_or(i64::MAX);
        let invites = self.admission.forget_invites(now, UnixMillis(now.0.saturating_sub(hour))).await?;
        let credentials = self.credentials.forget_expired(now).await?;
        Ok(invites + credentials + self.tokens.forget_expired(now).await?)
    }
}
