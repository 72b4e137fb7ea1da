//! What both adapters stand on.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::dialer::Dialer;
use super::http2::{Pool, Rules};
use super::share::Places;
use super::token_counts::TokenCounts;
use super::{Endpoint, Endpoints};
use crate::base::{Clock, Entropy};
use crate::model::{AttemptOutcome, OutboundPush, Reason};

/// Time, randomness, the network, and where everything is.
pub(super) struct Tools {
    /// The wall clock.
    pub(super) clock: Arc<dyn Clock>,
    /// Randomness, for jitter.
    pub(super) entropy: Arc<dyn Entropy>,
    /// Opens HTTP/2 connections.
    pub(super) http2: Dialer,
    /// Opens HTTP/1.1 connections, for OAuth.
    pub(super) http1: Dialer,
    /// Where the push services are.
    pub(super) endpoints: Endpoints,
    /// How long one push may take, waiting for a connection and one remedy included.
    pub(super) request_limit: Duration,
    /// How many deliveries may be under way at once.
    pub(super) places: Arc<Places>,
    /// Where new tokens are counted.
    pub(super) tokens: Arc<TokenCounts>,
}

impl Tools {
    /// Until when `push` may wait for what it needs (a token, a connection, a stream) before it is sent, and
    /// until when for its answer. Nothing is sent after its TTL, however long it waited; an answer may come
    /// later. Half of the time is the answer's: what was sent at the last moment would be taken, and count as lost.
    pub(super) fn limits(&self, push: &OutboundPush<'_>) -> (Instant, Instant) {
        let now = Instant::now();
        let left = push.end.since(self.clock.now());
        (now + left.min(self.request_limit / 2), now + self.request_limit)
    }

    /// That it is too late to send `push` now.
    pub(super) fn too_late(&self, push: &OutboundPush<'_>) -> Option<AttemptOutcome> {
        let is_late = self.clock.now() >= push.end;
        is_late.then(|| AttemptOutcome::NotProcessed { reason: Reason::ours("too_late"), after: None })
    }

    /// A pool of connections to `endpoint`.
    pub(super) fn pool(&self, endpoint: &Endpoint, rules: Rules) -> Pool {
        Pool::new(endpoint.clone(), self.http2.clone(), rules, Arc::clone(&self.entropy))
    }
}
