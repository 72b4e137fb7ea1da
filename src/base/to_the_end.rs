//! Work that goes on when whoever asked for it goes away.
//!
//! The future of a request is dropped when its client hangs up, wherever it stands: between a commit and what has to
//! follow it, for one. What must not be done by half goes on in a task of its own then. It begins in the caller's: a
//! task for each request would cost every request for what few need (docs/adr/0032).

use std::pin::Pin;
use std::task::{Context, Poll};

/// Does `work`, and once it has begun brings it to its end, even where the caller is dropped.
pub fn to_the_end<F>(work: F) -> impl Future<Output = F::Output> + Send
where
    F: Future<Output: Send> + Send + 'static,
{
    ToTheEnd { work: Some(Box::pin(work)), has_begun: false }
}

struct ToTheEnd<F: Future<Output: Send> + Send + 'static> {
    /// `None`: it came to its end.
    work: Option<Pin<Box<F>>>,
    has_begun: bool,
}

impl<F: Future<Output: Send> + Send + 'static> Future for ToTheEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.has_begun = true;
        // Out of its place while it is polled: one that panicked is not polled again.
        let mut work = self.work.take().expect("nobody polls what came to its end");
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for ToTheEnd<F> {
    #[expect(clippy::disallowed_methods, reason = "the work is short, and ends by itself")]
    fn drop(&mut self) {
        if let Some(work) = self.work.take()
            && self.has_begun
            && tokio::runtime::Handle::try_current().is_ok()
        {
            tokio::spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_caller_that_goes_away_leaves_nothing_half_done() {
        let ((go, begun), (done, ended)) = (oneshot::channel(), oneshot::channel());
        let mut work = Box::pin(to_the_end(async move {
            begun.await.unwrap();
            done.send(()).unwrap();
        }));
        assert!(poll!(work.as_mut()).is_pending());

        drop(work);

        go.send(()).unwrap();
        assert_eq!(ended.await, Ok(()));
    }

    #[tokio::test]
    async fn who_stays_gets_what_came_of_it() {
        assert_eq!(to_the_end(async { 7 }).await, 7);
    }

    #[tokio::test]
    async fn what_never_began_is_not_done() {
        let (done, ended) = oneshot::channel();
        drop(to_the_end(async move { done.send(()).unwrap() }));
        assert!(ended.await.is_err());
    }
}
