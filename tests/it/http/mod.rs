//! HTTP manners: refusals that say what to do, on every listener and version.

mod access_log;
mod bytes_in_flight;
mod connections;
mod docs;
mod each_limit;
mod endings;
mod limits;
mod manners;
mod operator;
mod operator_tokens;
mod privacy;
mod problems;
mod protocols;
mod refusals;

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Answer, Client, World};

/// Where the relay listens.
fn address(world: &World) -> SocketAddr {
    let Client::Tcp(address) = world.relay else { panic!("the relay listens on TCP") };
    address
}

/// What comes back for these bytes, until the relay closes the connection.
async fn bytes_back(world: &World, sent: &str) -> String {
    let mut stream = TcpStream::connect(address(world)).await.unwrap();
    // The relay may close before it has read everything.
    let _ = stream.write_all(sent.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a request as it is, however broken its body.
async fn raw(world: &World, method: &str, path: &str, bearer: Option<&str>, body: (&str, &str)) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "relay.test");
    if let Some(bearer) = bearer {
        request = request.header("authorization", bearer);
    }
    let (content_type, text) = body;
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    world.relay.send(request.body(Full::new(Bytes::from(text.to_owned()))).unwrap()).await
}
