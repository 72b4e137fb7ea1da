//! What both adapters stand on.

use std::sync::Arc;
use std::time::Duration;

use super::dialer::Dialer;
use super::http2::{Pool, Rules};
use super::{Endpoint, Endpoints};
use crate::base::{Clock, Entropy};

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
}

impl Tools {
    /// A pool of connections to `endpoint`.
    pub(super) fn pool(&self, endpoint: &Endpoint, rules: Rules) -> Pool {
        Pool::new(endpoint.clone(), self.http2.clone(), rules, Arc::clone(&self.entropy))
    }
}
