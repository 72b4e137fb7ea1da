//! Frames of our own between those of the HTTP/2 library.
//!
//! Apple changes `MAX_CONCURRENT_STREAMS` while a connection is open, and its GOAWAY carries a reason; the
//! `h2` crate can do neither. So its bytes pass through this gate, which slips in whole frames where one
//! frame ends and the next has not begun, and takes the acknowledgements of settings that `h2` never sent out
//! of what the client says. Knows nothing else of HTTP. Read next: `frames`, `http2`.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::wire::frames::{FrameCursor, Piece, goaway, max_concurrent_streams};

/// How much is read from the socket at once.
const CHUNK: usize = 16 * 1024;

/// Whose settings an acknowledgement is for; acknowledgements come in order (RFC 9113 section 6.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Author {
    Gate,
    Library,
}

/// Puts frames into the gate's queue. They go out with the next write or flush, so the connection has to be
/// polled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injector(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    frames: Vec<u8>,
    settings: usize,
}

impl Injector {
    /// Announces a new limit of streams.
    pub(crate) fn announce_max_concurrent_streams(&self, limit: u32) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.frames.extend(max_concurrent_streams(limit));
        queue.settings += 1;
    }

    /// Says that streams above `last_stream_id` are not processed.
    pub(crate) fn say_goaway(&self, last_stream_id: u32, reason: Option<&str>) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.frames.extend(goaway(last_stream_id, reason));
    }

    fn take(&self) -> Queue {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A connection's bytes on their way from and to the library.
#[derive(Debug)]
pub(crate) struct FrameGate<IO> {
    io: IO,
    injector: Injector,
    outbound: FrameCursor,
    /// Our own bytes that still have to go out before the library's.
    pending: VecDeque<u8>,
    inbound: FrameCursor,
    /// What was read and let through; the library has taken `taken` of it.
    ready: Vec<u8>,
    taken: usize,
    chunk: Box<[u8]>,
    unacknowledged: VecDeque<Author>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> FrameGate<IO> {
    /// A gate before a fresh connection of a client. What is injected before the library writes anything
    /// comes first.
    pub(crate) fn new(io: IO) -> (Self, Injector) {
        let injector = Injector::default();
        let gate = Self {
            io,
            injector: injector.clone(),
            outbound: FrameCursor::default(),
            pending: VecDeque::new(),
            inbound: FrameCursor::behind_preface(),
            ready: Vec::new(),
            taken: 0,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            unacknowledged: VecDeque::new(),
        };
        (gate, injector)
    }

    /// Writes what was injected, if this is a place for it.
    fn poll_inject(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.outbound.at_boundary() {
            return Poll::Ready(Ok(()));
        }
        let queue = self.injector.take();
        self.pending.extend(queue.frames);
        self.unacknowledged.extend(std::iter::repeat_n(Author::Gate, queue.settings));
        while !self.pending.is_empty() {
            let (front, _) = self.pending.as_slices();
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, front))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    fn follow_outbound(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if let Piece::Header(header) = self.outbound.advance(&mut bytes)
                && header.is_settings()
            {
                self.unacknowledged.push_back(Author::Library);
            }
        }
    }

    /// Lets bytes of the client through, without the acknowledgements that are meant for the gate.
    fn filter_inbound(&mut self, read: usize) {
        let mut rest = &self.chunk[..read];
        while !rest.is_empty() {
            let before = rest;
            match self.inbound.advance(&mut rest) {
                Piece::Payload(length) => self.ready.extend_from_slice(&before[..length]),
                Piece::Partial => {}
                Piece::Header(header) => {
                    let ours =
                        header.is_settings_ack() && self.unacknowledged.pop_front() == Some(Author::Gate);
                    if !ours {
                        self.ready.extend_from_slice(&header.raw);
                    }
                }
            }
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for FrameGate<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        while gate.taken == gate.ready.len() {
            gate.ready.clear();
            gate.taken = 0;
            let mut chunk = ReadBuf::new(&mut gate.chunk);
            ready!(Pin::new(&mut gate.io).poll_read(cx, &mut chunk))?;
            let read = chunk.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            gate.filter_inbound(read);
        }
        let length = buf.remaining().min(gate.ready.len() - gate.taken);
        buf.put_slice(&gate.ready[gate.taken..gate.taken + length]);
        gate.taken += length;
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for FrameGate<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let gate = self.get_mut();
        ready!(gate.poll_inject(cx))?;
        let written = ready!(Pin::new(&mut gate.io).poll_write(cx, buf))?;
        gate.follow_outbound(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        ready!(gate.poll_inject(cx))?;
        Pin::new(&mut gate.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
