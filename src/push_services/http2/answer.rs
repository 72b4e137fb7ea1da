//! What came back for one request.

use bytes::{Bytes, BytesMut};
use h2::RecvStream;
use http::{HeaderMap, Response, StatusCode};

/// The most of a body that is read. The vendors' longest are a few hundred bytes; an error page of something
/// in between may be any length, and only its status counts.
const MAX_BODY: usize = 16 * 1024;

/// A response: status, headers, and as much of the body as came, at most 16 KiB.
#[derive(Debug)]
pub(in crate::push_services) struct Answer {
    /// The status.
    pub(in crate::push_services) status: StatusCode,
    /// The headers.
    pub(in crate::push_services) headers: HeaderMap,
    /// The body.
    pub(in crate::push_services) body: Bytes,
}

impl Answer {
    /// Reads the body of `response`. One that breaks off is kept as far as it came: the status already says
    /// what became of the request.
    pub(super) async fn read(response: Response<RecvStream>) -> Self {
        let (head, mut stream) = response.into_parts();
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(Ok(chunk)) = stream.data().await {
            // Fails only where the stream has ended, and then no window is left to widen.
            let _ = stream.flow_control().release_capacity(chunk.len());
            if first.is_empty() {
                first = chunk;
            } else {
                rest.extend_from_slice(&chunk);
            }
            if first.len() + rest.len() > MAX_BODY {
                break;
            }
        }
        let mut body = if rest.is_empty() { first } else { [first, rest.freeze()].concat().into() };
        body.truncate(MAX_BODY);
        Self { status: head.status, headers: head.headers, body }
    }
}
