//! The budget of bytes that the relay holds at the same time.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address;
use crate::support::{Sender, World};

/// Room for one notification of 16,000 bytes, and 4 KiB for everything else.
async fn small_world() -> World {
    let builder = World::builder().config("limits", "body_bytes = 16384");
    builder.config("limits", "bytes_in_flight = 32768").start().await
}

/// A request for a notification whose body has begun to come.
async fn begun(world: &World, sender: &Sender) -> TcpStream {
    let mut stream = TcpStream::connect(address(world)).await.unwrap();
    let head = format!(
        "POST /v1/notifications HTTP/1.1\r\nhost: relay.test\r\ncontent-type: application/json\r\nauthorization: \
         Bearer {}\r\ncontent-length: 16000\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        sender.credential
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The next bytes that come.
async fn next(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).await.unwrap();
    String::from_utf8(bytes[..count].to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_to_come_back_before_its_body_is_sent() {
    let world = small_world().await;
    let (sender, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let mut first = begun(&world, &sender).await;
    // The relay reads it: from now on it counts.
    assert!(next(&mut first).await.starts_with("HTTP/1.1 100"));

    let mut refused = String::new();
    begun(&world, &other).await.read_to_string(&mut refused).await.unwrap();

    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("overloaded"), "{refused}");
    assert!(refused.contains("retry-after: 2"), "{refused}");
    first.write_all(&[b' '; 16_000]).await.unwrap();
    assert!(next(&mut first).await.starts_with("HTTP/1.1 400"), "it was read, and is no JSON");
    drop(first);
    assert!(next(&mut begun(&world, &sender).await).await.starts_with("HTTP/1.1 100"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sender_keeps_no_other_out() {
    // A quarter of seven eighths: 28 KiB, one body of 16,000 bytes.
    let builder = World::builder().config("limits", "body_bytes = 16384");
    let world = builder.config("limits", "bytes_in_flight = 131072").start().await;
    let (busy, quiet) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let mut first = begun(&world, &busy).await;
    assert!(next(&mut first).await.starts_with("HTTP/1.1 100"));

    let mut refused = String::new();
    begun(&world, &busy).await.read_to_string(&mut refused).await.unwrap();

    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("sender_overloaded"), "{refused}");
    assert!(refused.contains("retry-after: 2") && refused.contains("ratelimit: "), "{refused}");
    assert!(next(&mut begun(&world, &quiet).await).await.starts_with("HTTP/1.1 100"));
    drop(first);
    World::until("there is room again", async || {
        next(&mut begun(&world, &busy).await).await.starts_with("HTTP/1.1 100")
    })
    .await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_post_keeps_no_sender_out() {
    let world = small_world().await;
    let sender = world.sender("sealed_only").await;
    let device = world.android(&sender, false).await;
    let mut strangers = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(address(&world)).await.unwrap();
        let head = "POST /v1/registrations HTTP/1.1\r\nhost: relay.test\r\ncontent-type: application/json\r\n\
                    content-length: 2000\r\nexpect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = next(&mut stream).await;
        strangers.push((stream, answer));
    }
    let refused = strangers.iter().filter(|(_, answer)| answer.starts_with("HTTP/1.1 503")).count();
    assert_eq!(refused, 2, "4 KiB hold two of them");
    let targets = serde_json::json!({"targets": [{"subscription": device.subscription}]});
    assert_eq!(world.outcome(&sender, targets).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_announces_too_much_is_refused_before_it_is_sent() {
    let world = small_world().await;
    let mut stream = TcpStream::connect(address(&world)).await.unwrap();
    let head = "POST /v1/registrations HTTP/1.1\r\nhost: relay.test\r\ncontent-type: application/json\r\n\
                content-length: 999999999\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = next(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("body_too_large"), "{answer}");
    world.end().await;
}
