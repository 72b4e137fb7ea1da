//! How a connection ends: in order, whatever ended it.
//!
//! The HTTP library drops a connection on which something failed. A TLS client then cannot tell the end from somebody
//! who cut the line (RFC 8446, section 6.1), and a client that is still sending is reset by the system, often before it
//! has read its answer (RFC 9112, section 9.6). So the library is lent the stream, and here it comes back to be ended.
//! Must not look at what is read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long the other side may take to notice the end.
const PATIENCE: Duration = Duration::from_secs(2);

/// A stream that comes back when it is dropped.
pub(super) struct Lent<S> {
    stream: Option<S>,
    back: Option<oneshot::Sender<S>>,
}

impl<S> Lent<S> {
    /// Lends `stream`; it comes back through the receiver.
    pub(super) fn of(stream: S) -> (Self, oneshot::Receiver<S>) {
        let (back, receiver) = oneshot::channel();
        (Self { stream: Some(stream), back: Some(back) }, receiver)
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut S>
    where
        S: Unpin,
    {
        Pin::new(self.get_mut().stream.as_mut().expect("it is there until the drop"))
    }
}

impl<S> Drop for Lent<S> {
    fn drop(&mut self) {
        if let (Some(stream), Some(back)) = (self.stream.take(), self.back.take()) {
            // Where nobody waits for it any more, the connection was cut off.
            let _ = back.send(stream);
        }
    }
}

/// Ends a stream: the last words and what TLS owes are said, nothing more is written, and where the other side
/// `is_sending`, it is read until it has read its answer and ends too.
pub(super) async fn end<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    last_words: &[u8],
    is_sending: bool,
) {
    let ended = async {
        let is_said = stream.write_all(last_words).await.is_ok() && stream.shutdown().await.is_ok();
        if is_said && is_sending {
            let mut ignored = vec![0; 4096];
            while stream.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
        }
    };
    // Who does not come to an end is left alone.
    let _ = timeout(PATIENCE, ended).await;
}

impl<S: AsyncRead + Unpin> AsyncRead for Lent<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Lent<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn what_is_lent_comes_back_and_still_works() {
        let (ours, mut theirs) = duplex(64);
        let (mut lent, back) = Lent::of(ours);
        lent.write_all(b"by the library, ").await.unwrap();
        drop(lent);
        back.await.unwrap().write_all(b"and after it").await.unwrap();
        let mut read = String::new();
        theirs.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "by the library, and after it");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_still_sending_is_read_until_it_ends() {
        let (ours, mut theirs) = duplex(8);
        let sending = async {
            theirs.write_all(&[b' '; 100]).await.unwrap();
            theirs.shutdown().await.unwrap();
            Instant::now()
        };
        let begun = Instant::now();
        let ((), sent) = tokio::join!(end(ours, &[], true), sending);
        assert_eq!((sent, Instant::now()), (begun, begun));
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_ends_is_not_waited_for() {
        for (is_sending, waited) in [(true, PATIENCE), (false, Duration::ZERO)] {
            let (ours, _theirs) = duplex(8);
            let begun = Instant::now();
            end(ours, &[], is_sending).await;
            assert_eq!(begun.elapsed(), waited);
        }
    }
}
