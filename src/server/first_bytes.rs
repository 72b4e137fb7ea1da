//! A limit on the time in which a connection's first bytes come, and word of what comes behind them.
//!
//! Whether a client speaks HTTP/1 or HTTP/2 is told by its first bytes, and the HTTP library waits for them
//! without a limit: thousands of silent connections would lock every sender out. Where it is HTTP/1, the connection's
//! [`Activity`] hears of each byte that comes or goes. Must not look at anything behind the HTTP/2 preface.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::activity::Activity;

/// How an HTTP/2 connection begins (RFC 9113, section 3.4). Other first bytes are HTTP/1.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream that fails where its protocol is not told in time.
pub(super) struct FirstBytes<S> {
    stream: S,
    /// How much of the preface came, and until when the rest must; `None` when the protocol is told.
    awaited: Option<(usize, Pin<Box<Sleep>>)>,
    /// What hears of HTTP/1.
    activity: Arc<Activity>,
    is_http1: bool,
    is_flushed: bool,
}

impl<S> FirstBytes<S> {
    /// Gives `stream` so much time.
    pub(super) fn within(stream: S, time: Duration, activity: Arc<Activity>) -> Self {
        let awaited = Some((0, Box::pin(tokio::time::sleep(time))));
        Self { stream, awaited, activity, is_http1: false, is_flushed: true }
    }

    /// Whether all that was to be written has gone out.
    pub(super) fn is_flushed(&self) -> bool {
        self.is_flushed
    }

    /// Takes note of bytes that came.
    fn note(&mut self, bytes: &[u8]) {
        if let Some((seen, _)) = &mut self.awaited {
            let rest = &PREFACE[*seen..];
            if bytes.len() < rest.len() && rest.starts_with(bytes) {
                *seen += bytes.len();
                return;
            }
            self.is_http1 = !bytes.starts_with(rest);
            self.awaited = None;
        }
        if self.is_http1 && !bytes.is_empty() {
            self.activity.came(bytes);
        }
    }

    /// Takes note of bytes that were taken, or were not.
    fn note_written(&mut self, written: &Poll<io::Result<usize>>) {
        self.is_flushed = false;
        if self.is_http1 && matches!(written, Poll::Ready(Ok(_))) {
            self.activity.taken();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending => {
                let over =
                    self.awaited.as_mut().is_some_and(|(_, end)| end.as_mut().poll(context).is_ready());
                if over { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
            }
            ready @ Poll::Ready(_) => {
                self.note(&buffer.filled()[before..]);
                ready
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_written(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.is_flushed |= matches!(flushed, Poll::Ready(Ok(())));
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note_written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn connection() -> (FirstBytes<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(1024);
        (FirstBytes::within(ours, LIMIT, Activity::new(LIMIT)), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_says_nothing_ends() {
        let (mut stream, _client) = connection();
        assert_eq!(stream.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_preface_that_never_ends_ends() {
        let (mut stream, mut client) = connection();
        client.write_all(&PREFACE[..5]).await.unwrap();
        let mut read = [0; 5];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_is_gone_when_the_protocol_is_told() {
        for begin in [&b"POST / HTTP/1.1\r\n"[..], PREFACE] {
            let (mut stream, mut client) = connection();
            client.write_all(begin).await.unwrap();
            let mut read = vec![0; begin.len()];
            stream.read_exact(&mut read).await.unwrap();
            let later = async {
                tokio::time::sleep(LIMIT * 3).await;
                client.write_u8(7).await
            };
            let (byte, written) = tokio::join!(stream.read_u8(), later);
            written.unwrap();
            assert_eq!(byte.unwrap(), 7);
        }
    }

    #[tokio::test]
    async fn of_http1_it_is_heard_that_a_head_is_coming_and_of_http2_nothing() {
        for (begin, is_heard) in [(&b"POST / HTTP/1.1\r\n"[..], true), (&[PREFACE, b"more"].concat(), false)]
        {
            let (mut stream, mut client) = connection();
            client.write_all(begin).await.unwrap();
            stream.read_exact(&mut vec![0; begin.len()]).await.unwrap();
            assert_eq!(stream.activity.is_head_coming(), is_heard);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_and_not_taken_is_not_flushed() {
        let (mut stream, _client) = connection();
        let _ = tokio::time::timeout(LIMIT, stream.write_all(&[0; 2048])).await;
        assert!(!stream.is_flushed());
    }
}
