//! Door 1: our own protocol, version 1. One route table, one resource per file.
//!
//! Translates requests into use cases of intake, and their results back. Must not hold rules, SQL, or anything
//! of a push service. Read next: `routes.rs`, then `notifications.rs`.

pub mod admin;
mod bodies;
mod docs;
mod error;
mod fields;
mod notification_request;
mod notifications;
mod openapi;
mod rate_limiting;
mod registrations;
mod relay;
mod routes;
mod subscriptions;

use std::sync::Arc;
use std::time::Duration;

use crate::base::Live;
use crate::intake::{Authenticate, Outcomes, RateLimits, Register, Submit, Subscribe};
use crate::telemetry::Metrics;

pub use bodies::Bodies;
pub use relay::{RelayApp, RelayDocument, RelayLimits};
pub use routes::{openapi, routes};

/// What the routes need: the use cases, and what the relay says of itself.
pub struct Api {
    /// Who asks.
    pub authenticate: Authenticate,
    /// Device tokens.
    pub register: Register,
    /// Subscriptions.
    pub subscribe: Subscribe,
    /// Notifications.
    pub submit: Arc<Submit>,
    /// Outcomes.
    pub outcomes: Outcomes,
    /// What `GET /v1/relay` says.
    pub relay: Live<RelayDocument>,
    /// How large a request may be.
    pub limits: Live<ApiLimits>,
    /// How many bytes of bodies are held at the same time.
    pub bodies: Bodies,
    /// How often one may ask.
    pub rate_limits: Arc<RateLimits>,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

/// How large a request may be.
#[derive(Debug, Clone, Copy)]
pub struct ApiLimits {
    /// Bytes of the body of `POST /v1/notifications`.
    pub notification_body: usize,
    /// Targets of one notification.
    pub targets: usize,
    /// How long a body may take to arrive.
    pub request: Duration,
}
