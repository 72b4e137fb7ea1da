//! Work that goes on when whoever asked for it goes away.
//!
//! The future of a request is dropped when its client hangs up, wherever it stands: between a commit and what has to
//! follow it, for one. What must not be done by half is handed to a task of its own here.

/// Does `work` in a task of its own, so that it comes to its end even where the caller is dropped.
///
/// # Panics
/// Where `work` does.
#[expect(clippy::disallowed_methods, reason = "the work is short, and ends by itself")]
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    tokio::spawn(work).await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))
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
}
