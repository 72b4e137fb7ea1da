//! The accept loop: connections become requests of a router.
//!
//! Owns the limits of connections and of the time that they may take, and puts the client's network into each
//! request. Must not look into a request otherwise.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use http::header::CONNECTION;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::client::Peer;
use super::ending::{Lent, end};
use super::first_bytes::FirstBytes;
use super::listener::{Connection, Listener};
use super::patience::Patience;
use super::tls::TlsDoor;
use crate::config::TrustedProxies;

/// How long a TLS handshake, the first bytes behind it, or the head of a request may take.
const SLOWEST: Duration = Duration::from_secs(10);
/// How long a client may take nothing of an answer that waits for it.
const LONGEST_WRITE: Duration = Duration::from_secs(30);
/// Above these, a head is refused by the HTTP library with a bare 431. Our own limits are lower, and are answered
/// with a problem document.
const MOST_HEADERS: usize = 100;
const LONGEST_HEAD: u16 = u16::MAX;
/// Requests under way on one HTTP/2 connection.
const MOST_STREAMS: u32 = 250;
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
}

impl Acceptor {
    /// Accepts until `shutdown`; then no new request is begun on any connection, and those under way come to
    /// their end within `drain`.
    pub(super) async fn run(self, shutdown: CancellationToken, drain: Duration) {
        let connections = TaskTracker::new();
        let graceful = GracefulShutdown::new();
        let cut = CancellationToken::new();
        let builder = builder();
        loop {
            let place = tokio::select! {
                () = shutdown.cancelled() => break,
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (tls, builder) = (self.tls.clone(), builder.clone());
            let peer = Peer { address: peer, trusted: Arc::clone(&self.trusted) };
            let requests = Requests { router: self.router.clone(), peer };
            let stream = Patience::of(stream, LONGEST_WRITE);
            let (watcher, cut) = (graceful.watcher(), cut.clone());
            connections.spawn(async move {
                cut.run_until_cancelled(serve(stream, tls, &builder, requests, watcher)).await;
                drop(place);
            });
        }
        drop(self.listener);
        connections.close();
        let drained = async {
            graceful.shutdown().await;
            connections.wait().await;
        };
        if timeout(drain, drained).await.is_err() {
            tracing::warn!("requests under way at the end of the drain time were cut off");
            cut.cancel();
            connections.wait().await;
        }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(SLOWEST)
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

async fn serve(
    stream: Patience<Box<dyn Connection>>,
    tls: Option<Arc<TlsDoor>>,
    builder: &auto::Builder<TokioExecutor>,
    requests: Requests,
    watcher: Watcher,
) {
    // What fails here is the other side's business: a scan, a client that does not trust the certificate, a
    // broken connection. Its address must not be in the log, and without it the line would help nobody.
    match tls {
        None => serve_requests(stream, builder, requests, watcher).await,
        Some(tls) => {
            if let Ok(Some(stream)) = timeout(SLOWEST, tls.accept(stream)).await {
                serve_requests(stream, builder, requests, watcher).await;
            }
        }
    }
}

/// What answers the requests of one connection.
struct Requests {
    router: Router,
    peer: Peer,
}

async fn serve_requests<S>(
    stream: S,
    builder: &auto::Builder<TokioExecutor>,
    Requests { router, peer }: Requests,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let is_sending = Arc::new(AtomicBool::new(false));
    let has_more = Arc::clone(&is_sending);
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(client) = peer.client(request.headers()) {
            request.extensions_mut().insert(client);
        }
        let (answer, has_more) = (router.call(request), Arc::clone(&has_more));
        async move {
            let answer = answer.await?;
            // Said by `web::unread` alone: a body was not read to its end.
            has_more.fetch_or(answer.headers().contains_key(CONNECTION), Ordering::Relaxed);
            Ok::<_, Infallible>(answer)
        }
    });
    let (lent, back) = Lent::of(FirstBytes::within(stream, SLOWEST));
    let served = watcher.watch(builder.serve_connection(TokioIo::new(lent), service)).await;
    // What the library could not read it has not read to the end.
    let is_unreadable = served.is_err_and(|error| {
        error
            .downcast_ref::<hyper::Error>()
            .is_some_and(|error| error.is_parse() || error.is_parse_too_large())
    });
    if let Ok(stream) = back.await {
        end(stream, is_unreadable || is_sending.load(Ordering::Relaxed)).await;
    }
}
