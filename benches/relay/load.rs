//! Senders that keep a relay busy.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sealpush::base::{Clock, OsEntropy, SystemClock};
use sealpush::model::NotificationId;

use super::devices::{Devices, Requests, connect};
use super::process::Process;

/// How senders speak to the relay.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Http {
    /// HTTP/1.1, a connection for each request under way.
    One,
    /// HTTP/2, all requests on one connection.
    Two,
}

/// A way of sending.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    /// Whether the answers wait for outcomes.
    pub(crate) wait: bool,
    /// Targets of each request.
    pub(crate) targets: usize,
    /// Requests under way.
    pub(crate) at_once: usize,
    pub(crate) http: Http,
}

impl fmt::Display for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wait, targets, at_once, http } = self;
        let http = match http {
            Http::One => "1.1",
            Http::Two => "2",
        };
        let plural = if *targets == 1 { "" } else { "s" };
        write!(f, "wait {wait}, {targets} target{plural}, {at_once} at once, HTTP/{http}")
    }
}

enum Connection {
    One(Requests),
    Two(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    async fn send(&mut self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        match self {
            Self::One(requests) => {
                requests.ready().await.unwrap();
                requests.send_request(request).await.unwrap()
            }
            Self::Two(requests) => {
                requests.ready().await.unwrap();
                requests.send_request(request).await.unwrap()
            }
        }
    }
}

async fn connect_http2(port: u16) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::task::spawn(connection);
    requests
}

/// Sends as fast as the answers come, until `deliveries` were made; the seconds that it took. Fails where a target is
/// not accepted.
pub(crate) async fn run(relay: &Process, devices: &Devices, sending: &Sending, deliveries: usize) -> f64 {
    let started = Instant::now();
    send(relay, devices, sending, deliveries, |_| started).await;
    started.elapsed().as_secs_f64()
}

/// Sends so many a second, at even distances, whether answers come or not; the time at which each request was handed
/// to its connection, by its number.
pub(crate) async fn steady(
    relay: &Process,
    devices: &Devices,
    sending: &Sending,
    deliveries: usize,
    per_second: f64,
) -> Vec<u64> {
    let started = Instant::now();
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
    let due = |number: usize| started + Duration::from_secs_f64(number as f64 / per_second);
    send(relay, devices, sending, deliveries, due).await
}

async fn send(
    relay: &Process,
    devices: &Devices,
    sending: &Sending,
    deliveries: usize,
    due: impl Fn(usize) -> Instant,
) -> Vec<u64> {
    let next = AtomicUsize::new(0);
    let requests = deliveries / sending.targets;
    let shared = connect_http2(relay.port).await;
    let sent = join_all((0..sending.at_once).map(|_| async {
        let mut connection = match sending.http {
            Http::One => Connection::One(connect(relay.port).await),
            Http::Two => Connection::Two(shared.clone()),
        };
        let mut sent = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= requests {
                return sent;
            }
            tokio::time::sleep_until(due(number).into()).await;
            let request = request(devices, number, sending);
            sent.push((number, u64::try_from(SystemClock.now().0).unwrap()));
            let answer = connection.send(request).await;
            check(answer, sending).await;
        }
    }))
    .await;
    let mut sent: Vec<_> = sent.into_iter().flatten().collect();
    sent.sort_unstable();
    sent.into_iter().map(|(_, at)| at).collect()
}

fn request(devices: &Devices, number: usize, sending: &Sending) -> Request<Full<Bytes>> {
    Request::post("http://relay/v1/notifications")
        .header("host", "relay")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", devices.credential))
        .body(Full::new(body(devices, number * sending.targets, sending)))
        .unwrap()
}

async fn check(answer: Response<Incoming>, sending: &Sending) {
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&bytes);
    let accepted = text.matches(r#""outcome":"accepted""#).count();
    assert!(status.as_u16() == if sending.wait { 200 } else { 202 }, "{status}: {text}");
    assert!(!sending.wait || accepted == sending.targets, "{text}");
}

fn body(devices: &Devices, from: usize, sending: &Sending) -> Bytes {
    let id = NotificationId::ordered(SystemClock.now(), &OsEntropy);
    let mut body = format!(r#"{{"id":"{id}","wait":{},"targets":["#, sending.wait);
    for offset in 0..sending.targets {
        let device = &devices.apns[(from + offset) % devices.apns.len()];
        let comma = if offset == 0 { "" } else { "," };
        let (subscription, envelope) = (&device.subscription, &device.envelope);
        let _ = write!(body, r#"{comma}{{"subscription":"{subscription}","envelope":"{envelope}"}}"#);
    }
    body.push_str("]}");
    Bytes::from(body)
}
