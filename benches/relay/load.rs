//! Senders that keep a relay busy.

use std::fmt::Write;
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

/// Sends until `deliveries` were made, by `at_once` connections; the seconds that it took. Fails where a target
/// is not accepted.
pub(crate) async fn run(
    relay: &Process,
    devices: &Devices,
    targets: usize,
    at_once: usize,
    (wait, http): (bool, Http),
    deliveries: usize,
) -> f64 {
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let requests = deliveries / targets;
    let shared = connect_http2(relay.port).await;
    join_all((0..at_once).map(|_| async {
        let mut connection = match http {
            Http::One => Connection::One(connect(relay.port).await),
            Http::Two => Connection::Two(shared.clone()),
        };
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= requests {
                return;
            }
            let request = Request::post("http://relay/v1/notifications")
                .header("host", "relay")
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {}", devices.credential))
                .body(Full::new(body(devices, number * targets, targets, wait)))
                .unwrap();
            let answer = connection.send(request).await;
            let status = answer.status();
            let bytes = answer.into_body().collect().await.unwrap().to_bytes();
            let text = String::from_utf8_lossy(&bytes);
            let accepted = text.matches(r#""outcome":"accepted""#).count();
            assert!(status.as_u16() == if wait { 200 } else { 202 }, "{status}: {text}");
            assert!(!wait || accepted == targets, "{text}");
        }
    }))
    .await;
    started.elapsed().as_secs_f64()
}

fn body(devices: &Devices, from: usize, targets: usize, wait: bool) -> Bytes {
    let id = NotificationId::ordered(SystemClock.now(), &OsEntropy);
    let mut body = format!(r#"{{"id":"{id}","wait":{wait},"targets":["#);
    for offset in 0..targets {
        let device = &devices.apns[(from + offset) % devices.apns.len()];
        let comma = if offset == 0 { "" } else { "," };
        let (subscription, envelope) = (&device.subscription, &device.envelope);
        let _ = write!(body, r#"{comma}{{"subscription":"{subscription}","envelope":"{envelope}"}}"#);
    }
    body.push_str("]}");
    Bytes::from(body)
}

/// Waits until nothing is in the outbox.
pub(crate) async fn drained(relay: &Process) {
    let config = std::fs::read_to_string(relay.folder.join("sealpush.toml")).unwrap();
    let operator = config.split("[operator]\naddress = \"127.0.0.1:").nth(1).unwrap();
    let port: u16 = operator.split('"').next().unwrap().parse().unwrap();
    loop {
        let mut connection = connect(port).await;
        let request = Request::get("/metrics").header("host", "relay").body(Full::default()).unwrap();
        let answer = connection.send_request(request).await.unwrap();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        if String::from_utf8_lossy(&bytes).contains("sealpush_outbox_pending 0\n") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
