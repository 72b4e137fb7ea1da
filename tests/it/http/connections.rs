//! Connections that cost their client nothing, and what they cannot take from others.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::support::{Client, World};

#[tokio::test(flavor = "multi_thread")]
async fn who_fills_the_operators_tcp_listener_does_not_lock_the_operator_out_of_the_socket() {
    let world = World::start().await;
    let Client::Tcp(address) = world.operator else { panic!("the operator's listener is on TCP") };
    let mut held = Vec::new();
    for _ in 0..80 {
        held.push(TcpStream::connect(address).await.unwrap());
    }

    let answer = tokio::time::timeout(Duration::from_secs(5), world.admin.get("/admin/senders", None)).await;

    assert_eq!(answer.expect("the socket has places of its own").status, 200);
    drop(held);
    world.end().await;
}
