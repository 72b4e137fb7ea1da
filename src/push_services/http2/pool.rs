//! The connections to one host: opened when needed, several when one is full, none while the host fails.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connection::Connection;
use super::driver::{self, Frames};
use super::gauge::Taking;
use super::{Answer, Failure, Rules};
use crate::base::{Backoff, Entropy};
use crate::model::Reason;
use crate::push_services::Endpoint;
use crate::push_services::dialer::Dialer;

/// How long a host that failed is left alone; at least half of it, drawn anew each time.
const REST: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_mins(1) };
/// A connection that was replaced because the push service refused our authorisation on it is not replaced
/// for that reason again before this has passed.
const REPLACE_GAP: Duration = Duration::from_mins(1);

/// The connections to one host under one credential.
pub(in crate::push_services) struct Pool {
    shared: Arc<Shared>,
    /// The drivers of the connections; they end with the pool.
    drivers: Mutex<JoinSet<()>>,
}

struct Shared {
    endpoint: Endpoint,
    dialer: Dialer,
    rules: Rules,
    entropy: Arc<dyn Entropy>,
    state: Mutex<State>,
    /// Something changed for those who wait for a stream.
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// Those that take requests.
    connections: Vec<Arc<Connection>>,
    opening: bool,
    failures: u32,
    /// How the host failed last, and until when it is left alone.
    resting: Option<(Reason, Instant)>,
    replaced_at: Option<Instant>,
}

/// The place of one stream on one connection; given back when dropped.
pub(in crate::push_services) struct Slot {
    connection: Arc<Connection>,
    shared: Arc<Shared>,
}

impl Pool {
    /// A pool without connections.
    pub(in crate::push_services) fn new(
        endpoint: Endpoint,
        dialer: Dialer,
        rules: Rules,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (state, changed) = (Mutex::default(), Notify::new());
        let shared = Arc::new(Shared { endpoint, dialer, rules, entropy, state, changed });
        Self { shared, drivers: Mutex::default() }
    }

    /// The host that it reaches.
    pub(in crate::push_services) fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Connections that take requests, and streams in use on them.
    pub(in crate::push_services) fn in_use(&self) -> (usize, usize) {
        let state = self.shared.lock();
        let streams = state.connections.iter().map(|connection| connection.gauge().in_flight()).sum();
        (state.connections.len(), streams)
    }

    /// A place for one stream; waits for it until `deadline`.
    pub(in crate::push_services) async fn slot(&self, deadline: Instant) -> Result<Slot, Failure> {
        match self.attempt() {
            Attempt::Taken(slot) => return Ok(slot),
            Attempt::Resting { reason, after } => return Err(Failure::BackingOff { reason, after }),
            Attempt::Wait => {}
        }
        match tokio::time::timeout_at(deadline, self.wait()).await {
            Ok(result) => result,
            Err(_) => Err(Failure::NotProcessed(Reason::ours("no_stream_in_time"))),
        }
    }

    async fn wait(&self) -> Result<Slot, Failure> {
        loop {
            // Registered before looking, so that a change between looking and waiting is not missed.
            let changed = self.shared.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            match self.attempt() {
                Attempt::Taken(slot) => {
                    // There may be room for more than one of those who wait.
                    self.shared.changed.notify_one();
                    return Ok(slot);
                }
                // The host failed while this request waited for it.
                Attempt::Resting { reason, .. } => return Err(Failure::Unreachable(reason)),
                Attempt::Wait => changed.await,
            }
        }
    }

    /// Makes all connections look silent for so long.
    #[cfg(test)]
    pub(super) fn age(&self, silence: Duration) {
        for connection in &self.shared.lock().connections {
            connection.gauge().age(silence);
        }
    }

    fn attempt(&self) -> Attempt {
        let mut state = self.shared.lock();
        let mut all_full = true;
        for connection in &state.connections {
            match connection.take(&self.shared.rules) {
                Taking::Taken => {
                    let (connection, shared) = (Arc::clone(connection), Arc::clone(&self.shared));
                    return Attempt::Taken(Slot { connection, shared });
                }
                Taking::Full { proven: true } | Taking::Retired => {}
                // Opening another beside one that is being tried would only try the host twice.
                Taking::Full { proven: false } | Taking::Doubted => all_full = false,
            }
        }
        state.connections.retain(|connection| !connection.gauge().is_retired());
        if let Some((reason, until)) = &state.resting {
            let after = until.saturating_duration_since(Instant::now());
            if after.is_zero() {
                state.resting = None;
            } else if state.connections.is_empty() {
                return Attempt::Resting { reason: reason.clone(), after };
            }
        }
        let room = state.connections.len() < self.shared.rules.max_connections;
        if all_full && room && !state.opening && state.resting.is_none() {
            state.opening = true;
            self.open();
        }
        Attempt::Wait
    }

    /// Opens a connection and drives it, beside whoever asked for it: that one may stop waiting.
    fn open(&self) {
        let mut drivers = self.drivers.lock().unwrap_or_else(PoisonError::into_inner);
        while drivers.try_join_next().is_some() {}
        drivers.spawn(Arc::clone(&self.shared).run_connection());
    }

    /// Takes the connection of `slot` out of use, because the push service refused our authorisation on it,
    /// and says whether another attempt on a new connection is worth while.
    ///
    /// A connection is bound to what its first push showed ("Establishing a token-based connection to
    /// APNs"), so one that worked before is worth replacing; one that never worked is only once a minute.
    pub(in crate::push_services) fn replace(&self, slot: &Slot) -> bool {
        let is_bound = slot.connection.gauge().is_proven();
        is_bound && self.shared.replace(slot, Duration::ZERO) || self.replace_rarely(slot)
    }

    /// The same for a refusal that others on the connection do not meet: at most once a minute.
    pub(in crate::push_services) fn replace_rarely(&self, slot: &Slot) -> bool {
        self.shared.replace(slot, REPLACE_GAP)
    }
}

enum Attempt {
    Taken(Slot),
    Wait,
    Resting { reason: Reason, after: Duration },
}

impl Shared {
    async fn run_connection(self: Arc<Self>) {
        let (connection, frames) = match self.handshake().await {
            Ok(opened) => opened,
            Err(reason) => {
                self.lock().opening = false;
                return self.failed(Some(reason));
            }
        };
        self.admit(&connection);
        let heard = || self.changed.notify_waiters();
        if let Some(reason) = driver::drive(&connection, frames, &self.rules, heard).await {
            let host = self.endpoint.authority();
            tracing::info!(%host, %reason, "the push service ended a connection");
        }
        self.dismiss(&connection);
    }

    async fn handshake(&self) -> Result<(Arc<Connection>, Frames), Reason> {
        let stream = self.dialer.dial(&self.endpoint).await.map_err(|error| error.reason())?;
        let (sender, frames) = h2::client::Builder::new()
            .enable_push(false)
            // The gate keeps the first request alone until SETTINGS came.
            .initial_max_send_streams(1)
            .max_concurrent_reset_streams(self.rules.max_streams)
            .initial_connection_window_size(1 << 20)
            .max_header_list_size(16 * 1024)
            .handshake(stream)
            .await
            .map_err(|_| Reason::ours("http2_failed"))?;
        Ok((Arc::new(Connection::opened(sender)), frames))
    }

    fn admit(&self, connection: &Arc<Connection>) {
        let mut state = self.lock();
        state.opening = false;
        state.connections.push(Arc::clone(connection));
        drop(state);
        self.changed.notify_waiters();
    }

    fn dismiss(&self, connection: &Arc<Connection>) {
        self.lock().connections.retain(|other| !Arc::ptr_eq(other, connection));
        if !connection.gauge().has_answered() {
            // A host that takes connections and then drops them is down as well; one that says goodbye to a
            // single new connection is not.
            let is_first = self.lock().failures == 0;
            let rest = if is_first { None } else { Some(Reason::ours("connection_dropped")) };
            return self.failed(rest);
        }
        self.changed.notify_waiters();
    }

    /// Counts a failure; where it has a name, the host is left alone for a while.
    fn failed(&self, reason: Option<Reason>) {
        let mut state = self.lock();
        state.failures += 1;
        if let Some(reason) = reason {
            let wait = REST.after(state.failures, 1.0 - self.entropy.fraction() / 2.0);
            state.resting = Some((reason, Instant::now() + wait));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Whether the connection of `slot` is out of use now; it is taken out where the last time is `gap` ago.
    fn replace(&self, slot: &Slot, gap: Duration) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        if slot.connection.gauge().is_retired() {
            return true;
        }
        let is_due = state.replaced_at.is_none_or(|at| now.duration_since(at) >= gap);
        if is_due {
            state.replaced_at = Some(now);
            slot.connection.retire();
            state.connections.retain(|connection| !Arc::ptr_eq(connection, &slot.connection));
        }
        is_due
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Sends one request, once; waits for the answer until `deadline`.
    pub(in crate::push_services) async fn exchange(
        &self,
        request: Request<()>,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        self.connection.exchange(request, body, deadline).await
    }

    /// The push service accepted our authorisation on this connection: it may carry many requests now.
    pub(in crate::push_services) fn prove(&self) {
        let newly = {
            let mut gauge = self.connection.gauge();
            let newly = !gauge.is_proven();
            gauge.prove();
            newly
        };
        if newly {
            self.shared.lock().failures = 0;
            self.shared.changed.notify_waiters();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connection.release();
        self.shared.changed.notify_one();
    }
}
