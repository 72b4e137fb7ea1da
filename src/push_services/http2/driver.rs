//! Keeps one connection going until it ends: moves its frames, pings it, says goodbye.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use h2::{Ping, PingPong};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::Rules;
use super::connection::Connection;
use super::gauge::Duty;
use crate::model::Reason;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The frames of a connection.
pub(super) type Frames = h2::client::Connection<TlsStream<TcpStream>, Bytes>;

/// Runs `connection` until it ends, and says why the peer ended it, where it did and gave a reason. `heard` is
/// called after each pong.
pub(super) async fn drive(
    connection: &Connection,
    mut frames: Frames,
    rules: &Rules,
    heard: impl Fn(),
) -> Option<Reason> {
    let ping_pong = frames.ping_pong().expect("nobody has taken it yet");
    let mut frames = pin!(frames);
    let ending = tokio::select! {
        _ = &mut frames => Ending::ByPeer,
        ending = watch(connection, ping_pong, rules, heard) => ending,
    };
    let goodbye = connection.goodbye();
    connection.hang_up();
    if ending == Ending::Done {
        // h2 sends GOAWAY and closes TLS; whether the peer reads it is the peer's concern.
        let _ = tokio::time::timeout(GOODBYE, frames).await;
    }
    goodbye
}

#[derive(Debug, PartialEq, Eq)]
enum Ending {
    /// The peer closed it, or it broke.
    ByPeer,
    /// A ping was not answered: whoever waits on it learns that its answer is lost.
    Silent,
    /// Nobody needs it any more.
    Done,
}

async fn watch(connection: &Connection, mut ping_pong: PingPong, rules: &Rules, heard: impl Fn()) -> Ending {
    loop {
        match connection.duty(rules) {
            Duty::Close => return Ending::Done,
            Duty::Ping => {
                let pong = tokio::time::timeout(rules.ping_limit, ping_pong.ping(Ping::opaque())).await;
                if !matches!(pong, Ok(Ok(_))) {
                    return Ending::Silent;
                }
                connection.gauge().heard(tokio::time::Instant::now());
                heard();
            }
            Duty::Wait(until) => tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = connection.woken() => {}
            },
        }
    }
}
