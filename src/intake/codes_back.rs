//! Takes codes back that never left the relay, so that their tokens may get others at once.
//!
//! A relay that stops in an outage may have thousands: they are written many in one transaction, and the end waits for
//! them. Must not decide which those are: `prove.rs` does.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::storage::{Confirmations, IssuedCode};

/// The most in one transaction.
const BATCH: usize = 512;

/// Writes what is taken back.
pub struct CodesBack {
    confirmations: Arc<dyn Confirmations>,
    codes: mpsc::Receiver<IssuedCode>,
}

impl CodesBack {
    /// Writes into this store, and the way to it.
    pub(super) fn new(confirmations: Arc<dyn Confirmations>) -> (Self, mpsc::Sender<IssuedCode>) {
        let (sender, codes) = mpsc::channel(BATCH);
        (Self { confirmations, codes }, sender)
    }

    /// Writes until intake is gone and nothing is left.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.codes.recv_many(&mut batch, BATCH).await > 0 {
            // Not again: it costs their tokens an hour, and a store that cannot be written has more to do then.
            if let Err(error) = self.confirmations.withdraw_codes(&batch).await {
                tracing::warn!(%error, "codes that were not sent could not be taken back");
            }
            batch.clear();
        }
    }
}
