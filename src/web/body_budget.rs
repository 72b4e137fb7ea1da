//! A budget of the bytes of all bodies that are in the relay at the same time.
//!
//! A body is counted from the moment at which somebody reads it, which is after its sender proved who it is: as
//! much as it says that it has, or, where it does not say, as it comes. It counts until its request is answered.
//! What is over the budget is refused and not waited for: to wait would be to hold more.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that may be in flight.
#[derive(Debug, Clone)]
pub struct BodyBudget {
    left: Arc<Semaphore>,
    most: usize,
    whose: Overloaded,
}

/// What a request has of the budget, until this is dropped.
#[derive(Debug, Default, Clone)]
#[must_use]
pub struct Reserved(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

/// A budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Overloaded {
    /// That of the relay.
    #[error("the relay's budget of bytes in flight is used up")]
    Relay,
    /// That of one sender.
    #[error("the sender's share of the bytes in flight is used up")]
    Sender,
}

impl BodyBudget {
    /// A budget of so many bytes, for whoever comes.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        Self::new(bytes, Overloaded::Relay)
    }

    /// What one sender may have of a budget.
    #[must_use]
    pub fn of_one_sender(bytes: usize) -> Self {
        Self::new(bytes, Overloaded::Sender)
    }

    fn new(bytes: usize, whose: Overloaded) -> Self {
        let most = bytes.min(Semaphore::MAX_PERMITS);
        Self { left: Arc::new(Semaphore::new(most)), most, whose }
    }

    /// All of it.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most
    }

    /// How much of it is in use.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.most.saturating_sub(self.left.available_permits())
    }

    /// The same body, which takes its part of the budget when it is read.
    pub fn guard(&self, body: Body) -> (Body, Reserved) {
        let reserved = Reserved::default();
        if body.is_end_stream() {
            return (body, reserved);
        }
        let guarded = Guarded { body, budget: self.clone(), reserved: reserved.clone(), left: None };
        (Body::new(guarded), reserved)
    }
}

struct Guarded {
    body: Body,
    budget: BodyBudget,
    reserved: Reserved,
    /// How much of what was reserved has not come yet; `None` before the first read.
    left: Option<u64>,
}

impl Guarded {
    fn reserve(&mut self, bytes: u64) -> Result<(), axum::Error> {
        let overloaded = || axum::Error::new(self.budget.whose);
        let bytes = u32::try_from(bytes).map_err(|_| overloaded())?;
        let more = Arc::clone(&self.budget.left).try_acquire_many_owned(bytes).map_err(|_| overloaded())?;
        let mut all = self.reserved.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *all {
            Some(all) => all.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.left.is_none() {
            let announced = self.body.size_hint().exact().unwrap_or(0);
            if let Err(error) = self.reserve(announced) {
                return Poll::Ready(Some(Err(error)));
            }
            self.left = Some(announced);
        }
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(bytes) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            let (came, left) = (bytes.len() as u64, self.left.unwrap_or(0));
            if came > left
                && let Err(error) = self.reserve(came - left)
            {
                return Poll::Ready(Some(Err(error)));
            }
            self.left = Some(left.saturating_sub(came));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::BodyExt;

    use super::*;

    const EMPTY: [Result<&str, std::io::Error>; 0] = [];

    #[tokio::test]
    async fn a_body_takes_what_it_announces_when_it_is_read_until_its_request_is_over() {
        let budget = BodyBudget::of(10);
        let (body, reserved) = budget.guard(Body::from("12345678"));
        assert_eq!(budget.in_use(), 0);
        body.collect().await.unwrap();
        assert_eq!(budget.in_use(), 8);
        drop(reserved);
        assert_eq!(budget.in_use(), 0);
    }

    #[tokio::test]
    async fn a_body_that_does_not_fit_is_refused_before_it_is_read() {
        let budget = BodyBudget::of(10);
        let (first, _reserved) = budget.guard(Body::from("12345678"));
        first.collect().await.unwrap();
        let (second, reserved) = budget.guard(Body::from("123"));
        assert!(second.collect().await.is_err());
        drop(reserved);
        assert_eq!(budget.in_use(), 8);
    }

    #[tokio::test]
    async fn a_body_that_announces_nothing_takes_as_it_comes() {
        let budget = BodyBudget::of(10);
        let parts = |count: usize| {
            let parts = std::iter::repeat_n("1234", count).map(Ok::<_, std::io::Error>);
            Body::from_stream(stream::iter(parts))
        };
        let (fits, held) = budget.guard(parts(2));
        fits.collect().await.unwrap();
        assert_eq!(budget.in_use(), 8);
        drop(held);
        let (too_long, _held) = budget.guard(parts(3));
        assert!(too_long.collect().await.is_err());
    }

    #[tokio::test]
    async fn no_body_takes_nothing() {
        let budget = BodyBudget::of(0);
        for body in [Body::empty(), Body::from_stream(stream::iter(EMPTY))] {
            let (body, _reserved) = budget.guard(body);
            assert!(body.collect().await.is_ok());
        }
    }
}
