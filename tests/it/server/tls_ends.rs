//! How TLS connections end: with `close_notify` (RFC 8446, section 6.1). Without it, reading to the end fails here.

use time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::certificates::Files;
use super::{Authority, TlsClient};
use crate::support::World;

async fn connected() -> (World, TlsStream<TcpStream>, Files) {
    let authority = Authority::new();
    let files = Files::with(&authority.issue(Duration::days(365)));
    let world = files.world("").await;
    let stream = TlsClient::new(&world, &authority, None).connect().await.unwrap();
    (world, stream, files)
}

async fn rest(stream: &mut TlsStream<TcpStream>) -> String {
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    rest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_can_be_read_to_the_end_while_the_body_is_still_sent() {
    let (world, mut stream, _files) = connected().await;
    let body = vec![b' '; 2_000_000];
    let head =
        format!("POST /v1/senders HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("connection: close"), "{answer}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_ends_in_order() {
    let (world, mut stream, _files) = connected().await;
    stream.write_all(b"NOT HTTP AT ALL\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 400"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_ends_idle_connections_in_order() {
    let (mut world, mut stream, _files) = connected().await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        stream.read_buf(&mut answer).await.unwrap();
    }
    let ((), rest) = tokio::join!(world.stop_relay(), rest(&mut stream));
    assert_eq!(rest, "");
    world.end().await;
}
