//! How connections end: the client is told, and reads its answer to the end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address;
use crate::support::World;

/// The head of a request that nobody may make, with a body of so many bytes.
fn head(length: usize, more: &str) -> String {
    format!(
        "POST /v1/notifications HTTP/1.1\r\nhost: relay.test\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{more}\r\n"
    )
}

/// One answer, as far as its body ends.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"}") {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the connection ended");
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_a_small_body_leaves_the_connection_open() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(address(&world)).await.unwrap();
    for _ in 0..3 {
        stream.write_all(format!("{}{{}}", head(2, "")).as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("connection:"), "{answer}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_a_large_body_says_that_the_connection_ends_and_can_be_read_to_the_end() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(address(&world)).await.unwrap();
    let body = vec![b' '; 4_000_000];
    stream.write_all(head(body.len(), "").as_bytes()).await.unwrap();
    // A client that sends everything before it looks for an answer.
    stream.write_all(&body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_to_be_asked_for_the_body_is_told_that_the_connection_ends() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(address(&world)).await.unwrap();
    stream.write_all(head(2, "expect: 100-continue\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    world.end().await;
}
