//! The body of an answer, which knows how much of it its client has taken.
//!
//! Over HTTP/2 the library asks for the next part of a body when the client's flow control has let it send the last one,
//! and takes the body to be gone when it has its last part, whether or not that was ever let through. So a body goes
//! out in parts, and its last byte alone: while the body is there, its client has not granted a byte that waits. Must not
//! change what is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::activity::UnderWay;

/// The largest part: a frame of HTTP/2, where nothing else was agreed on (RFC 9113, section 4.2).
const PART: usize = 16 * 1024;

/// A body that says when something of it was taken.
pub(super) struct Answer {
    body: Body,
    /// What was taken from the body and not asked for yet.
    rest: Bytes,
    is_in_parts: bool,
    request: UnderWay,
}

impl Answer {
    /// The answer to `request`, in parts where they can be held back one by one.
    pub(super) fn new(body: Body, request: UnderWay, is_in_parts: bool) -> Self {
        request.taken();
        Self { body, rest: Bytes::new(), is_in_parts, request }
    }

    /// The next part of what is there.
    fn part(&mut self) -> Bytes {
        let is_last = self.body.is_end_stream();
        let length = match self.rest.len() {
            length if !self.is_in_parts => length,
            length if length > PART => PART,
            length if is_last && length > 1 => length - 1,
            length => length,
        };
        self.rest.split_to(length)
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.request.taken();
        if self.rest.is_empty() {
            match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                end => return Poll::Ready(end),
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.part()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut size, rest) = (self.body.size_hint(), self.rest.len() as u64);
        match size.exact() {
            Some(exact) => size.set_exact(exact + rest),
            None => size.set_lower(size.lower() + rest),
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;

    use super::super::activity::Activity;
    use super::*;

    async fn parts(length: usize, is_in_parts: bool) -> Vec<usize> {
        let body = Body::from(vec![b'x'; length]);
        let mut answer = Answer::new(body, Activity::new(Duration::MAX).begin(), is_in_parts);
        let mut parts = Vec::new();
        while !answer.is_end_stream() {
            let left = answer.size_hint().exact().unwrap();
            let part = answer.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(answer.size_hint().exact().unwrap() + part.len() as u64, left);
            parts.push(part.len());
        }
        parts
    }

    #[tokio::test]
    async fn the_last_byte_goes_alone_so_that_the_body_is_there_until_it_may_go() {
        for (length, expected) in [
            (0, vec![]),
            (1, vec![1]),
            (2, vec![1, 1]),
            (PART, vec![PART - 1, 1]),
            (PART + 1, vec![PART, 1]),
            (PART + 2, vec![PART, 1, 1]),
        ] {
            assert_eq!(parts(length, true).await, expected);
        }
    }

    #[tokio::test]
    async fn what_nobody_can_hold_back_goes_whole() {
        assert_eq!(parts(3 * PART, false).await, [3 * PART]);
    }
}
