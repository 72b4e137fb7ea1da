//! The life of one connection: its requests, and the end that the relay puts to it.
//!
//! Who asks nothing for long, stops in the middle of a head, or does not take an answer is not served on; what has begun
//! to arrive is answered all the same. Must not look into a request. Read next: `activity.rs`, when a connection is
//! over; `ending.rs`, how it ends.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::response::IntoResponse;
use http::header::CONNECTION;
use http::{StatusCode, Version};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulConnection;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Over, SLOWEST};
use super::answer::Answer;
use super::client::Peer;
use super::ending::{Lent, end};
use super::first_bytes::FirstBytes;
use crate::web::Problem;

/// How long a client may ask nothing: longer than common clients keep a connection for its next use (90 seconds), so
/// that it is they who end it, and no request meets the end.
const IDLE: Duration = Duration::from_mins(2);
/// The same for a proxy, which keeps connections for longer (load balancers: up to ten minutes) and does not repeat a
/// request that it has sent.
const IDLE_OF_A_PROXY: Duration = Duration::from_mins(11);

/// What answers the requests of one connection.
pub(super) struct Requests {
    pub(super) router: Router,
    pub(super) peer: Peer,
}

/// How a connection came to its end.
enum Ended {
    /// The library has ended it; `is_unreadable`: by what it could not read.
    Served { is_unreadable: bool },
    /// The head of a request did not come to its end.
    SlowHead,
    /// Nobody took what was left.
    Cut,
}

/// Serves the requests that come over `stream`, until one side ends it. From `shutdown` on, none is begun that has not
/// begun to arrive.
pub(super) async fn serve<S>(
    stream: S,
    builder: &auto::Builder<TokioExecutor>,
    Requests { router, peer }: Requests,
    shutdown: &CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::new(if peer.network().is_some() { IDLE } else { IDLE_OF_A_PROXY });
    let requests = Arc::clone(&activity);
    let router = TowerToHyperService::new(router);
    let is_sending = Arc::new(AtomicBool::new(false));
    let has_more = Arc::clone(&is_sending);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (under_way, is_http2) = (requests.begin(), request.version() == Version::HTTP_2);
        if let Some(client) = peer.client(request.headers()) {
            request.extensions_mut().insert(client);
        }
        let (answer, has_more) = (router.call(request), Arc::clone(&has_more));
        async move {
            let answer = answer.await?;
            // Said by `web::unread` alone: a body was not read to its end.
            has_more.fetch_or(answer.headers().contains_key(CONNECTION), Ordering::Relaxed);
            Ok::<_, Infallible>(answer.map(|body| Answer::new(body, under_way, is_http2)))
        }
    });
    let (lent, back) = Lent::of(FirstBytes::within(stream, SLOWEST, Arc::clone(&activity)));
    let mut connection = Box::pin(builder.serve_connection(TokioIo::new(lent), service));
    let ended = until_the_end(connection.as_mut(), &activity, shutdown).await;
    drop(connection);
    let Ok(stream) = back.await else { return };
    let (last_words, is_unread) = match ended {
        Ended::Served { is_unreadable } => (Vec::new(), is_unreadable),
        // Behind half an answer it would be read as the other half.
        Ended::SlowHead if stream.is_flushed() => (head_too_slow().await, true),
        Ended::SlowHead | Ended::Cut => (Vec::new(), false),
    };
    end(stream, &last_words, is_unread || is_sending.load(Ordering::Relaxed)).await;
}

/// Drives a connection until it ends by itself, is over, or is not to go on.
async fn until_the_end<C>(
    mut connection: Pin<&mut C>,
    activity: &Activity,
    shutdown: &CancellationToken,
) -> Ended
where
    C: GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>>,
{
    let over = tokio::select! {
        // What has come is read before anything is ended.
        biased;
        served = connection.as_mut() => return Ended::of(served),
        over = activity.over() => Some(over),
        () = shutdown.cancelled() => None,
    };
    if over == Some(Over::SlowHead) {
        return Ended::SlowHead;
    }
    // The library would take half a head for none, and close. HTTP/1 alone, so its request begins in this very task.
    let mut slowest = pin!(sleep(SLOWEST));
    let head = poll_fn(|context| {
        if activity.is_head_coming() {
            slowest.as_mut().poll(context).map(|()| false)
        } else {
            Poll::Ready(true)
        }
    });
    tokio::select! {
        biased;
        served = connection.as_mut() => return Ended::of(served),
        is_there = head => if !is_there { return Ended::SlowHead },
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        served = connection => Ended::of(served),
        () = activity.at_rest() => Ended::Cut,
    }
}

impl Ended {
    fn of(served: Result<(), Box<dyn std::error::Error + Send + Sync>>) -> Self {
        // What the library could not read it has not read to the end.
        let is_unreadable = served.is_err_and(|error| {
            error
                .downcast_ref::<hyper::Error>()
                .is_some_and(|error| error.is_parse() || error.is_parse_too_large())
        });
        Self::Served { is_unreadable }
    }
}

/// The answer to a head that did not come to its end (RFC 9110, section 15.5.9), which has no request.
async fn head_too_slow() -> Vec<u8> {
    let detail = format!(
        "The head of the request took longer than {} seconds to arrive; send it again.",
        SLOWEST.as_secs()
    );
    let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "head_too_slow", detail);
    let (head, body) = problem.into_response().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut answer = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    answer.extend(format!("connection: close\r\ncontent-length: {}\r\n\r\n", body.len()).bytes());
    answer.extend(body);
    answer
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use bytes::Bytes;
    use h2::Ping;
    use h2::client::{Builder, Connection, SendRequest};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::Instant;

    use super::super::accept::builder;
    use super::*;

    const LENGTH: usize = 50_000;
    /// How long answers take at `/slow`.
    const SLOW: Duration = Duration::from_secs(35);

    /// A stranger's connection, and what serves it.
    fn connect(shutdown: &CancellationToken) -> (DuplexStream, impl Future<Output = ()>) {
        let slow = async || {
            sleep(SLOW).await;
            StatusCode::NO_CONTENT
        };
        let large = async || vec![b'x'; LENGTH];
        let router = Router::new()
            .route("/", get(async || "fine"))
            .route("/large", get(large))
            .route("/slow", get(slow));
        let peer = Peer { address: Some("192.0.2.1".parse().unwrap()), trusted: Arc::default() };
        let (theirs, ours) = duplex(1024 * 1024);
        (theirs, async move { serve(ours, &builder(), Requests { router, peer }, shutdown).await })
    }

    async fn http2(
        stream: DuplexStream,
        window: u32,
    ) -> (SendRequest<Bytes>, Connection<DuplexStream, Bytes>) {
        Builder::new().initial_window_size(window).handshake(stream).await.unwrap()
    }

    fn ask(requests: &mut SendRequest<Bytes>, path: &str) -> h2::client::ResponseFuture {
        let request = Request::get(format!("http://relay.test{path}")).body(()).unwrap();
        requests.send_request(request, true).unwrap().0
    }

    /// For how many seconds a connection lives whose client asks for [`LENGTH`] bytes and lets so many come.
    async fn lives(window: u32, shutdown: &CancellationToken) -> u64 {
        let (stream, served) = connect(shutdown);
        let begun = Instant::now();
        let client = async {
            let (mut requests, connection) = http2(stream, window).await;
            let asks = async {
                let _unread = ask(&mut requests, "/large").await.unwrap();
                std::future::pending::<()>().await;
            };
            tokio::select! { _ = connection => {}, () = asks => {} }
        };
        tokio::join!(served, client);
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_to_its_last_byte_ends_its_connection() {
        let shutdown = CancellationToken::new();
        let length = u32::try_from(LENGTH).unwrap();
        for (window, seconds) in [(0, 40), (1, 40), (length - 1, 40), (length, IDLE.as_secs())] {
            assert_eq!(lives(window, &shutdown).await, seconds, "{window}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_does_not_wait_long_for_who_takes_nothing() {
        let shutdown = CancellationToken::new();
        let stop = async {
            sleep(Duration::from_secs(1)).await;
            shutdown.cancel();
        };
        assert_eq!(tokio::join!(lives(0, &shutdown), stop).0, 11);
    }

    #[tokio::test(start_paused = true)]
    async fn others_on_the_connection_of_an_answer_that_nobody_takes_are_answered() {
        let shutdown = CancellationToken::new();
        let (stream, served) = connect(&shutdown);
        let client = async {
            let (mut requests, connection) = http2(stream, 0).await;
            let (large, slow) = (ask(&mut requests, "/large"), ask(&mut requests, "/slow"));
            let asks = async {
                let (large, slow) = tokio::join!(large, slow);
                assert_eq!(slow.unwrap().status(), StatusCode::NO_CONTENT);
                // No new one is begun meanwhile.
                assert!(requests.ready().await.is_err());
                drop(large);
            };
            let (_, ()) = tokio::join!(connection, asks);
        };
        tokio::join!(served, client);
    }

    #[tokio::test(start_paused = true)]
    async fn pings_do_not_keep_a_connection_alive() {
        let shutdown = CancellationToken::new();
        let (stream, served) = connect(&shutdown);
        let begun = Instant::now();
        let client = async {
            let (_requests, mut connection) = http2(stream, 0).await;
            let mut pings = connection.ping_pong().unwrap();
            let pings = async {
                while pings.ping(Ping::opaque()).await.is_ok() {
                    sleep(Duration::from_secs(20)).await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! { _ = connection => {}, () = pings => {} }
        };
        tokio::join!(served, client);
        assert_eq!(begun.elapsed().as_secs(), IDLE.as_secs());
    }

    /// Sends these bytes over HTTP/1.1, each after so many seconds, and reads until the end.
    async fn http1(shutdown: &CancellationToken, sent: &[(u64, &str)]) -> (u64, String) {
        let (mut stream, served) = connect(shutdown);
        let begun = Instant::now();
        let client = async {
            let (mut reading, mut writing) = tokio::io::split(&mut stream);
            let write = async {
                for (after, text) in sent {
                    sleep(Duration::from_secs(*after)).await;
                    writing.write_all(text.as_bytes()).await.unwrap();
                }
            };
            let mut answer = String::new();
            let (read, ()) = tokio::join!(reading.read_to_string(&mut answer), write);
            read.unwrap();
            answer
        };
        let (answer, ()) = tokio::join!(client, served);
        (begun.elapsed().as_secs(), answer)
    }

    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: relay.test\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_for_longer_than_clients_keep_it() {
        let shutdown = CancellationToken::new();
        let (seconds, answers) = http1(&shutdown, &[(0, REQUEST), (90, REQUEST)]).await;
        assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
        assert_eq!(seconds, 90 + IDLE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_come_to_its_end_is_answered_that_it_was_too_slow() {
        let shutdown = CancellationToken::new();
        let (seconds, answers) = http1(&shutdown, &[(0, REQUEST), (60, &REQUEST[..20]), (9, "Host:")]).await;
        let (_, refused) = answers.split_once("fine").unwrap();
        assert!(refused.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answers}");
        assert!(refused.contains("connection: close\r\n") && refused.contains("head_too_slow"), "{answers}");
        assert!((70..=72).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_has_begun_to_arrive_when_the_relay_stops_is_answered() {
        let shutdown = CancellationToken::new();
        let stop = async {
            sleep(Duration::from_secs(2)).await;
            shutdown.cancel();
        };
        let sent = [(0, REQUEST), (1, &REQUEST[..20]), (3, &REQUEST[20..])];
        let ((seconds, answers), ()) = tokio::join!(http1(&shutdown, &sent), stop);
        assert_eq!((seconds, answers.matches("HTTP/1.1 200").count()), (4, 2), "{answers}");
    }
}
