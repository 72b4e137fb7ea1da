//! How many bytes of bodies the relay holds at the same time.
//!
//! Notifications have a budget of their own, which only who proved to be a sender can touch: what strangers post
//! to the other routes cannot keep a sender out.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::Api;
use crate::web::BodyBudget;

/// One part in so many is for everything but notifications.
const PARTS: usize = 8;

/// The budgets of bodies.
#[derive(Debug, Clone)]
pub struct Bodies {
    notifications: BodyBudget,
    others: BodyBudget,
}

impl Bodies {
    /// So many bytes in all.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        let others = bytes / PARTS;
        Self { notifications: BodyBudget::of(bytes - others), others: BodyBudget::of(others) }
    }

    /// The bytes that are held now.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        (self.notifications.in_use() + self.others.in_use()) as u64
    }
}

/// Lets a request's body take its part of the budget while the request is answered.
pub(super) async fn hold_bodies(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let budget = if path == "/v1/notifications" { &api.bodies.notifications } else { &api.bodies.others };
    let (head, body) = request.into_parts();
    let (body, _reserved) = budget.guard(body);
    next.run(Request::from_parts(head, body)).await
}
