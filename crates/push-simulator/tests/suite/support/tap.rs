//! An HTTP/2 client that also sees the frames it is sent.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;

use super::client::{Client, tls};

/// The frames that came from the server.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<u8>>>);

/// A frame without the settings' flags, which no test asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SeenFrame {
    pub(crate) kind: u8,
    pub(crate) payload: Vec<u8>,
}

impl Seen {
    pub(crate) fn frames(&self) -> Vec<SeenFrame> {
        let bytes = self.0.lock().unwrap();
        let mut rest = bytes.as_slice();
        let mut frames = Vec::new();
        while rest.len() >= 9 {
            let length = usize::from(rest[1]) << 8 | usize::from(rest[2]);
            let Some(payload) = rest.get(9..9 + length) else { break };
            frames.push(SeenFrame { kind: rest[3], payload: payload.to_vec() });
            rest = &rest[9 + length..];
        }
        frames
    }

    /// Every `SETTINGS_MAX_CONCURRENT_STREAMS` (3), in order.
    pub(crate) fn stream_limits(&self) -> Vec<u32> {
        let settings = self.frames().into_iter().filter(|frame| frame.kind == 4);
        let parameters =
            settings.flat_map(|frame| frame.payload.chunks(6).map(<[u8]>::to_vec).collect::<Vec<_>>());
        let limits = parameters.filter(|parameter| parameter[..2] == [0, 3]);
        limits.map(|limit| u32::from_be_bytes(limit[2..].try_into().unwrap())).collect()
    }

    /// Last stream id and debug data of every GOAWAY, in order.
    pub(crate) fn goodbyes(&self) -> Vec<(u32, String)> {
        let goaways = self.frames().into_iter().filter(|frame| frame.kind == 7);
        let read = |frame: SeenFrame| {
            let last = u32::from_be_bytes(frame.payload[..4].try_into().unwrap());
            (last, String::from_utf8(frame.payload[8..].to_vec()).unwrap())
        };
        goaways.map(read).collect()
    }
}

/// A client, what it sees, and its connection, which ends when the connection does.
pub(crate) async fn tapped(url: &str, ca_pem: &str) -> (Client, Seen, JoinHandle<hyper::Result<()>>) {
    let seen = Seen::default();
    let io = Tap { io: tls(url, ca_pem, &[b"h2"]).await.unwrap(), seen: seen.clone() };
    let handshake = http2::handshake::<_, _, Full<bytes::Bytes>>(TokioExecutor::new(), TokioIo::new(io));
    let (sender, connection) = handshake.await.unwrap();
    (Client::Http2(sender), seen, tokio::spawn(connection))
}

struct Tap<IO> {
    io: IO,
    seen: Seen,
}

impl<IO: AsyncRead + Unpin> AsyncRead for Tap<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        self.seen.0.lock().unwrap().extend_from_slice(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Tap<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
