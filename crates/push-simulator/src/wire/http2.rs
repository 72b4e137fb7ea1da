//! One HTTP/2 connection.
//!
//! Owns streams: how many may be open, which are refused, and how a connection ends. Read next: `frame_gate`,
//! `crate::exchange`.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use h2::Reason;
use h2::server::SendResponse;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::broken_connection::BrokenConnection;
use crate::exchange::{self, Ending};
use crate::host::Host;
use crate::peer::Peer;
use crate::wire::frame_gate::{FrameGate, Injector};
use crate::world::World;

/// Bodies are read up to here; every host's own limit is far below.
pub(crate) const MAX_BODY: usize = 256 * 1024;
/// How long a client may take to close after GOAWAY once its streams have ended.
const LINGER: Duration = Duration::from_secs(1);
const WINDOW: u32 = 1 << 20;

/// What a finished stream means for its connection.
enum End {
    /// Nothing.
    Quiet,
    /// A push went through: the client has proved itself.
    Proved,
    /// The connection breaks.
    Break,
    /// The connection says goodbye; this stream, if given, counts as not processed.
    GoAway { reason: Option<String>, unprocessed: Option<u32> },
}

/// What a connection knows of its streams.
struct Streams {
    injector: Injector,
    limit: u32,
    highest: u32,
    /// After GOAWAY: the last stream that is still processed.
    last: Option<u32>,
}

/// Serves a connection until either side ends it.
pub(crate) async fn serve<IO>(world: &Arc<World>, host: Host, io: IO)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let peer = Peer::new(world.next_connection());
    let mut farewells = world.farewells.subscribe();
    let (gate, injector) = FrameGate::new(io);
    // "Sending notification requests to APNs": with a provider token, one stream until a push went through.
    let one = host.environment().is_some() && world.config.one_stream_until_first_success;
    let limit = if one { 1 } else { world.config.max_concurrent_streams };
    injector.announce_max_concurrent_streams(limit);
    let mut streams = Streams { injector, limit, highest: 0, last: None };
    let mut settings = h2::server::Builder::new();
    settings.initial_window_size(WINDOW).initial_connection_window_size(WINDOW);
    let Ok(mut connection) = settings.handshake::<_, Bytes>(gate).await else { return };
    let mut open = FuturesUnordered::new();
    loop {
        let drained = streams.last.is_some() && open.is_empty();
        tokio::select! {
            accepted = connection.accept() => {
                let Some(Ok((request, mut respond))) = accepted else { return };
                if streams.admit(respond.stream_id().as_u32(), open.len()) {
                    open.push(answer(world, host, &peer, request, respond));
                } else {
                    respond.send_reset(Reason::REFUSED_STREAM);
                }
            }
            Some(end) = open.next() => match end {
                End::Quiet => {}
                End::Proved => streams.raise_limit(world.config.max_concurrent_streams),
                End::Break => {
                    let at_ms = world.config.clock.now_ms();
                    world.journal.broke(BrokenConnection { connection: peer.number, at_ms });
                    return;
                }
                End::GoAway { reason, unprocessed } => streams.say_goaway(reason.as_deref(), unprocessed),
            },
            Ok(reason) = farewells.recv() => streams.say_goaway(Some(&reason), None),
            () = tokio::time::sleep(LINGER), if drained => return,
        }
    }
}

impl Streams {
    /// Whether a new stream is processed. A client that opens too many is told to try again (RFC 9113 section
    /// 5.1.2).
    fn admit(&mut self, id: u32, open: usize) -> bool {
        let over_limit = u32::try_from(open).is_ok_and(|open| open >= self.limit);
        if over_limit || self.last.is_some_and(|last| id > last) {
            return false;
        }
        self.highest = self.highest.max(id);
        true
    }

    fn raise_limit(&mut self, limit: u32) {
        if self.limit != limit {
            self.limit = limit;
            self.injector.announce_max_concurrent_streams(limit);
        }
    }

    fn say_goaway(&mut self, reason: Option<&str>, unprocessed: Option<u32>) {
        // A stream can only be left out from the top: those above it may have been answered already.
        let last = match unprocessed {
            Some(id) if id == self.highest => id.saturating_sub(2),
            _ => self.highest,
        };
        // RFC 9113 section 6.8: a later GOAWAY never raises the last stream id.
        let last = self.last.map_or(last, |before| before.min(last));
        self.last = Some(last);
        self.injector.say_goaway(last, reason);
    }
}

async fn answer(
    world: &World,
    host: Host,
    peer: &Peer,
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
) -> End {
    let (parts, body) = request.into_parts();
    let Some(body) = read(body).await else { return End::Quiet };
    let request = Request::from_parts(parts, body);
    match exchange::run(world, host, peer, &request).await {
        Ending::Answer(response) => {
            let proved = host.environment().is_some() && response.status().is_success();
            send(&mut respond, response);
            if proved { End::Proved } else { End::Quiet }
        }
        Ending::Silence => {
            // Until the client gives up; the stream counts as open that long, as it would at the real host.
            let _given_up = poll_fn(|cx| respond.poll_reset(cx)).await;
            End::Quiet
        }
        Ending::Break => End::Break,
        Ending::Refuse => {
            respond.send_reset(Reason::REFUSED_STREAM);
            End::Quiet
        }
        Ending::GoAway { answer: Some(response), reason } => {
            send(&mut respond, response);
            End::GoAway { reason, unprocessed: None }
        }
        Ending::GoAway { answer: None, reason } => {
            respond.send_reset(Reason::REFUSED_STREAM);
            End::GoAway { reason, unprocessed: Some(respond.stream_id().as_u32()) }
        }
    }
}

/// The whole body, or its first [`MAX_BODY`] bytes; `None` where the client gave up.
async fn read(mut body: h2::RecvStream) -> Option<Bytes> {
    let mut whole = BytesMut::new();
    while let Some(piece) = body.data().await {
        let piece = piece.ok()?;
        let _closed = body.flow_control().release_capacity(piece.len());
        // The usual body is one piece, and is passed on without a copy.
        if whole.is_empty() && body.is_end_stream() {
            return Some(piece);
        }
        whole.extend_from_slice(&piece);
        if whole.len() > MAX_BODY {
            break;
        }
    }
    Some(whole.freeze())
}

/// A client that is gone does not need the answer: errors mean nothing here.
fn send(respond: &mut SendResponse<Bytes>, response: Response<Bytes>) {
    let (parts, body) = response.into_parts();
    if let Ok(mut stream) = respond.send_response(Response::from_parts(parts, ()), body.is_empty())
        && !body.is_empty()
    {
        let _gone = stream.send_data(body, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(limit: u32) -> Streams {
        Streams { injector: Injector::default(), limit, highest: 0, last: None }
    }

    #[test]
    fn streams_over_the_limit_are_refused() {
        let mut streams = streams(2);
        assert!(streams.admit(1, 0));
        assert!(streams.admit(3, 1));
        assert!(!streams.admit(5, 2));
    }

    #[test]
    fn streams_after_a_goodbye_are_refused() {
        let mut streams = streams(10);
        assert!(streams.admit(1, 0));
        streams.say_goaway(None, None);
        assert!(!streams.admit(3, 0));
    }

    #[test]
    fn an_unprocessed_stream_is_left_out_only_from_the_top() {
        let (mut top, mut below) = (streams(10), streams(10));
        for id in [1, 3, 5] {
            assert!(top.admit(id, 0) && below.admit(id, 0));
        }
        top.say_goaway(None, Some(5));
        below.say_goaway(None, Some(3));
        assert_eq!((top.last, below.last), (Some(3), Some(5)));
    }

    #[test]
    fn a_second_goodbye_never_raises_the_last_stream() {
        let mut streams = streams(10);
        assert!(streams.admit(1, 0) && streams.admit(3, 0));
        streams.say_goaway(None, Some(3));
        streams.say_goaway(None, None);
        assert_eq!(streams.last, Some(1));
    }
}
