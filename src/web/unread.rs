//! What is left of a request's body when its answer is there.
//!
//! Over HTTP/1.1 the next request stands behind it. A little that is on its way is read and thrown away, and the
//! connection serves on; where it is more, the answer says that the connection ends, because a client that is not told
//! finds out when its next request fails (RFC 9112, section 9.6). HTTP/2 ends the one stream, and needs neither. Must
//! not make the answer wait for who sends nothing.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONNECTION, EXPECT};
use http::{HeaderValue, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

/// As much is read and thrown away, in bytes: what it costs to connect anew.
const LITTLE: u64 = 64 * 1024;
/// What has not come after so long is not on its way.
const SOON: Duration = Duration::from_millis(500);

/// Leaves nothing of the body unread, or says that the connection ends.
pub(super) async fn read_or_close<F: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    if request.version() >= Version::HTTP_2 || request.body().is_end_stream() {
        return answer(request).await;
    }
    // RFC 9110, section 10.1.1: who waits for `100 Continue` sends nothing after another answer.
    let is_waiting = request.headers().contains_key(EXPECT);
    let (head, body) = request.into_parts();
    let mut body = Kept(Arc::new(Mutex::new(Reading { body, has_ended: false })));
    let mut response = answer(Request::from_parts(head, Body::new(body.clone()))).await;
    let is_slow = response.status() == StatusCode::REQUEST_TIMEOUT;
    let is_read = body.reading().has_ended || (!is_waiting && !is_slow && body.throw_away().await);
    if !is_read {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body that is still there when the handler is done with it.
#[derive(Clone)]
struct Kept(Arc<Mutex<Reading>>);

struct Reading {
    body: Body,
    has_ended: bool,
}

impl Kept {
    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is left, if it is little and comes soon; whether that was all.
    async fn throw_away(&mut self) -> bool {
        if self.size_hint().exact().is_none_or(|left| left > LITTLE) {
            return false;
        }
        let rest = async {
            while let Some(frame) = self.frame().await {
                if frame.is_err() {
                    return false;
                }
            }
            true
        };
        timeout(SOON, rest).await.unwrap_or(false)
    }
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut reading = self.reading();
        let frame = std::task::ready!(Pin::new(&mut reading.body).poll_frame(context));
        reading.has_ended = frame.is_none();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.reading().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.reading().body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::{Next, from_fn};
    use axum::routing::post;
    use futures_util::stream;
    use tower::ServiceExt;

    use super::*;

    async fn minded(request: Request, next: Next) -> Response {
        read_or_close(request, |request| next.run(request)).await
    }

    /// The answer of a route that reads nothing of the body.
    async fn refused(version: Version, body: Body, expects: bool) -> Response {
        let routes = Router::new().route("/", post(async || StatusCode::UNAUTHORIZED));
        let mut request = Request::post("/").version(version).body(body).unwrap();
        if expects {
            request.headers_mut().insert(EXPECT, HeaderValue::from_static("100-continue"));
        }
        routes.layer(from_fn(minded)).oneshot(request).await.unwrap()
    }

    fn ends(response: &Response) -> bool {
        response.headers().get(CONNECTION).is_some_and(|value| value == "close")
    }

    fn large() -> Body {
        Body::from(vec![b' '; 64 * 1024 + 1])
    }

    #[tokio::test]
    async fn a_little_is_read_and_the_connection_serves_on() {
        for body in [Body::empty(), Body::from("{}"), Body::from(vec![b' '; 64 * 1024])] {
            assert!(!ends(&refused(Version::HTTP_11, body, false).await));
        }
    }

    #[tokio::test]
    async fn where_more_would_have_to_be_read_the_answer_says_that_the_connection_ends() {
        let unknown = Body::from_stream(stream::iter([Ok::<_, std::io::Error>("{}")]));
        for body in [large(), unknown] {
            assert!(ends(&refused(Version::HTTP_11, body, false).await));
        }
    }

    #[tokio::test]
    async fn who_waits_to_be_asked_for_the_body_is_not_asked() {
        assert!(ends(&refused(Version::HTTP_11, Body::from("{}"), true).await));
    }

    #[tokio::test]
    async fn in_http2_only_the_stream_ends() {
        assert!(!ends(&refused(Version::HTTP_2, large(), false).await));
    }

    #[tokio::test]
    async fn what_the_handler_read_to_its_end_needs_nothing() {
        let read = async |body: Body| drop(body.collect().await);
        let routes = Router::new().route("/", post(read)).layer(from_fn(minded));
        let response = routes.oneshot(Request::post("/").body(large()).unwrap()).await.unwrap();
        assert!(!ends(&response));
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_does_not_wait_for_a_body_that_does_not_come() {
        let begun = tokio::time::Instant::now();
        let never = Body::new(Never);
        assert!(ends(&refused(Version::HTTP_11, never, false).await));
        assert_eq!(begun.elapsed(), SOON);
    }

    /// Ten bytes that never come.
    struct Never;

    impl HttpBody for Never {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(10)
        }
    }
}
