//! The accept loop: connections become requests of a router.
//!
//! Owns the limits of connections and of the time that they may take, and puts the client's network into each
//! request. Must not look into a request otherwise.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::{LONGEST_WRITE, SLOWEST};
use super::client::Peer;
use super::listener::{Connection, Listener};
use super::patience::Patience;
use super::serving::{Requests, serve};
use super::tls::TlsDoor;
use crate::config::TrustedProxies;
use crate::intake::Connections;

/// Above these, a head is refused by the HTTP library with a bare 431. Our own limits are lower, and are answered
/// with a problem document.
const MOST_HEADERS: usize = 100;
const LONGEST_HEAD: u16 = u16::MAX;
/// Requests under way on one HTTP/2 connection: the least that RFC 9113 recommends (section 6.5.2).
const MOST_STREAMS: u32 = 100;
/// Streams that a client opened and reset before they were taken up (CVE-2023-44487, "rapid reset"), and streams that
/// broke the protocol: beyond these the connection ends.
const MOST_RESET_STREAMS: usize = 20;
const MOST_BROKEN_STREAMS: usize = 100;
/// What waits to be sent on one HTTP/2 stream.
const LONGEST_SEND_BUFFER: usize = 256 * 1024;
/// After a failed accept (no file descriptors left): a pause instead of a busy loop.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener with what serves its connections.
pub(super) struct Acceptor {
    pub(super) listener: Listener,
    pub(super) tls: Option<Arc<TlsDoor>>,
    pub(super) router: Router,
    /// Who is believed about where a request comes from.
    pub(super) trusted: Arc<TrustedProxies>,
    /// Places for connections, shared by the listeners that share a limit.
    pub(super) places: Arc<Semaphore>,
    /// How many of them one network has.
    pub(super) networks: Arc<Connections>,
}

impl Acceptor {
    /// Accepts until `shutdown`; then no new request is begun on any connection, and those under way come to
    /// their end within `drain`.
    pub(super) async fn run(self, shutdown: CancellationToken, drain: Duration) {
        let connections = TaskTracker::new();
        let cut = CancellationToken::new();
        let builder = builder();
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let Ok((stream, address)) = accepted else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let peer = Peer { address, trusted: Arc::clone(&self.trusted) };
            // Closed before anything is read: a handshake for everyone who is refused would cost more than the place.
            let Ok(of_network) = peer.network().map(|network| self.networks.hold(network)).transpose() else {
                continue;
            };
            let place = tokio::select! {
                () = shutdown.cancelled() => break,
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            let (tls, builder, cut) = (self.tls.clone(), builder.clone(), cut.clone());
            let requests = Requests { router: self.router.clone(), peer };
            let stream = Patience::of(stream, LONGEST_WRITE);
            let shutdown = shutdown.clone();
            connections.spawn(async move {
                cut.run_until_cancelled(answer(stream, tls, &builder, requests, &shutdown)).await;
                drop((place, of_network));
            });
        }
        drop(self.listener);
        connections.close();
        if timeout(drain, connections.wait()).await.is_err() {
            tracing::warn!("requests under way at the end of the drain time were cut off");
            cut.cancel();
            connections.wait().await;
        }
    }
}

/// How the library serves a connection.
pub(super) fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // It would also end who waits between two requests: see `activity.rs`.
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD.into());
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LONGEST_HEAD.into())
        .max_pending_accept_reset_streams(MOST_RESET_STREAMS)
        .max_local_error_reset_streams(MOST_BROKEN_STREAMS)
        .max_send_buf_size(LONGEST_SEND_BUFFER)
        .keep_alive_interval(Duration::from_mins(1))
        .keep_alive_timeout(SLOWEST)
        // The default window of 64 KiB makes a request of a hundred envelopes wait for the network twice.
        .adaptive_window(true);
    builder
}

/// Ends TLS, where there is some, and serves what comes over it.
async fn answer(
    stream: Patience<Box<dyn Connection>>,
    tls: Option<Arc<TlsDoor>>,
    builder: &auto::Builder<TokioExecutor>,
    requests: Requests,
    shutdown: &CancellationToken,
) {
    // What fails here is the other side's business: a scan, a client that does not trust the certificate, a
    // broken connection. Its address must not be in the log, and without it the line would help nobody.
    match tls {
        None => serve(stream, builder, requests, shutdown).await,
        Some(tls) => {
            if let Ok(Some(stream)) = timeout(SLOWEST, tls.accept(stream)).await {
                serve(stream, builder, requests, shutdown).await;
            }
        }
    }
}
