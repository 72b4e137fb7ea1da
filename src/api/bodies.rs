//! How many bytes of bodies the relay holds at the same time.
//!
//! Notifications have a budget of their own, which only who proved to be a sender can touch: what strangers post
//! to the other routes cannot keep a sender out. One sender has a quarter of it at most: others always find room.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

use crate::model::SenderId;
use crate::web::{BodyBudget, Reserved};

/// One part in so many is for everything but notifications.
const PARTS: usize = 8;
/// One sender may have one part in so many of what is for notifications.
const SENDERS: usize = 4;

/// The budgets of bodies.
#[derive(Debug, Clone)]
pub struct Bodies {
    notifications: BodyBudget,
    others: BodyBudget,
    /// The senders that have something now, each with how many requests of it there are.
    senders: Arc<Mutex<HashMap<SenderId, (BodyBudget, usize)>>>,
}

/// A sender's part of the budget, while one of its requests is answered.
#[must_use]
pub(super) struct Share<'a> {
    bodies: &'a Bodies,
    sender: SenderId,
    _reserved: Reserved,
}

impl Bodies {
    /// So many bytes in all.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        let others = bytes / PARTS;
        Self {
            notifications: BodyBudget::of(bytes - others),
            others: BodyBudget::of(others),
            senders: Arc::default(),
        }
    }

    /// A body of this sender, which takes its part of the sender's share when it is read, until the share is dropped.
    /// One body of `largest` is always allowed.
    pub(super) fn of_sender(&self, sender: SenderId, body: Body, largest: usize) -> (Body, Share<'_>) {
        let mut senders = self.senders();
        let (budget, requests) = senders.entry(sender).or_insert_with(|| {
            (BodyBudget::of_one_sender((self.notifications.most() / SENDERS).max(largest)), 0)
        });
        *requests += 1;
        let (body, reserved) = budget.guard(body);
        (body, Share { bodies: self, sender, _reserved: reserved })
    }

    fn senders(&self) -> MutexGuard<'_, HashMap<SenderId, (BodyBudget, usize)>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes that are held now.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        (self.notifications.in_use() + self.others.in_use()) as u64
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.bodies.senders().entry(self.sender) {
            entry.get_mut().1 -= 1;
            if entry.get().1 == 0 {
                entry.remove();
            }
        }
    }
}

/// Lets a request's body take its part of the budget while the request is answered.
pub(super) async fn hold_bodies(bodies: &Bodies, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let budget = if path == "/v1/notifications" { &bodies.notifications } else { &bodies.others };
    let (head, body) = request.into_parts();
    let (body, _reserved) = budget.guard(body);
    next.run(Request::from_parts(head, body)).await
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    const BUSY: SenderId = SenderId::from_bytes([1; 16]);

    fn bytes(count: usize) -> Body {
        Body::from(vec![b' '; count])
    }

    #[tokio::test]
    async fn one_sender_has_a_quarter_at_most_and_others_find_room() {
        let bodies = Bodies::of(3_200);
        let (first, held) = bodies.of_sender(BUSY, bytes(700), 10);
        assert!(first.collect().await.is_ok());
        let (second, refused) = bodies.of_sender(BUSY, bytes(1), 10);
        assert!(second.collect().await.is_err());
        let (others, _held) = bodies.of_sender(SenderId::from_bytes([2; 16]), bytes(700), 10);
        assert!(others.collect().await.is_ok());
        drop((held, refused));
        let (again, _held) = bodies.of_sender(BUSY, bytes(700), 10);
        assert!(again.collect().await.is_ok());
    }

    #[tokio::test]
    async fn the_largest_body_is_always_a_senders_share() {
        let bodies = Bodies::of(100);
        let (body, _share) = bodies.of_sender(BUSY, bytes(50), 50);
        assert!(body.collect().await.is_ok());
    }

    #[tokio::test]
    async fn who_has_nothing_is_forgotten() {
        let bodies = Bodies::of(3_200);
        let (_, first) = bodies.of_sender(BUSY, bytes(1), 10);
        let (_, second) = bodies.of_sender(BUSY, bytes(1), 10);
        drop(first);
        assert_eq!(bodies.senders().len(), 1);
        drop(second);
        assert!(bodies.senders().is_empty());
    }
}
