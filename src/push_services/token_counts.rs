//! How often a new token for the push services was had, for the metrics. Outlives a reload of the config.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::PushService;

/// New tokens of one push service, since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFigures {
    /// The push service.
    pub push_service: PushService,
    /// Tokens that were had: signed by the relay for APNs, given by the token endpoint for FCM.
    pub had: u64,
    /// Times at which none was had.
    pub failed: u64,
}

/// Counts tokens. Those of APNs the relay signs itself, which does not fail.
#[derive(Debug, Default)]
pub(super) struct TokenCounts {
    signed: AtomicU64,
    given: AtomicU64,
    refused: AtomicU64,
}

impl TokenCounts {
    /// A provider token was signed.
    pub(super) fn signed(&self) {
        self.signed.fetch_add(1, Ordering::Relaxed);
    }

    /// The token endpoint was asked, and gave a token or none.
    pub(super) fn asked(&self, is_given: bool) {
        let count = if is_given { &self.given } else { &self.refused };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(super) fn figures(&self) -> [TokenFigures; 2] {
        let now = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [
            TokenFigures { push_service: PushService::Apns, had: now(&self.signed), failed: 0 },
            TokenFigures {
                push_service: PushService::Fcm,
                had: now(&self.given),
                failed: now(&self.refused),
            },
        ]
    }
}
