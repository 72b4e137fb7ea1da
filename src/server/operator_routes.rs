//! What the operator's listener serves besides the admin API: `/readyz`, `/metrics` and `/changes`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::json;
use tokio::sync::Semaphore;

use super::state_watch::StateChanges;
use super::tls::TlsDoor;
use crate::api::Bodies;
use crate::base::{Clock, UnixMillis};
use crate::model::{Environment, LeaseQueue, Reason};
use crate::push_services::{CredentialStanding, PushServices, TokenFigures};
use crate::storage::Storage;
use crate::telemetry::{Metrics, PushServiceLoad};

/// What is looked at.
pub(super) struct Inside {
    pub(super) store: Storage,
    pub(super) push_services: Arc<PushServices>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) queue: LeaseQueue,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) certificates: Vec<Arc<TlsDoor>>,
    pub(super) clients: Clients,
    pub(super) bodies: Bodies,
    pub(super) changes: StateChanges,
}

/// The places for connections of senders and apps.
pub(super) struct Clients {
    pub(super) places: Arc<Semaphore>,
    pub(super) most: usize,
}

impl Clients {
    fn connections(&self) -> u64 {
        self.most.saturating_sub(self.places.available_permits()) as u64
    }
}

/// The routes, without a fallback: the listener's own says what is not there.
pub(super) fn routes(inside: Arc<Inside>) -> Router {
    Router::new()
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/changes", get(changes))
        .with_state(inside)
}

/// 200 where the store and every credential can be used, else 503; the document says what cannot. A push service
/// that fails or asked for rest is shown, and is no reason to take the relay out of service: it takes in what waits.
async fn readyz(State(inside): State<Arc<Inside>>) -> Response {
    let outbox = &inside.store.outbox;
    // A full disk can still be read.
    let store = match outbox.depth().await {
        Ok(_) => outbox.writable().await,
        Err(error) => Err(error),
    };
    let credentials = inside.push_services.credential_states();
    let held = credentials.iter().any(|one| matches!(one.standing, CredentialStanding::Held { .. }));
    let now = inside.clock.now();
    let certificates: Vec<_> = inside.certificates.iter().map(|door| door.certificate()).collect();
    // Where there is none yet, or it has ended, nobody gets in; a refused new one leaves time to mend it.
    let shown = certificates.iter().all(|certificate| certificate.ends_at.is_some_and(|end| now < end));
    let egress = inside.push_services.egress_problems();
    let ready = store.is_ok() && !held && shown && egress.is_empty();
    let credentials: Vec<_> = credentials
        .iter()
        .map(|one| {
            json!({"app": one.app.as_str(), "push_service": one.push_service.as_str(),
                   "environment": one.environment.map(Environment::as_str),
                   "state": one.standing.as_str(), "reason": one.standing.reason().map(Reason::as_str),
                   "since": one.standing.since().map(|since| since.to_string())})
        })
        .collect();
    let certificates: Vec<_> = certificates
        .into_iter()
        .map(|one| {
            let ends_at = one.ends_at.map(|end| end.to_string());
            json!({"listener": one.listener, "ends_at": ends_at, "problem": one.problem})
        })
        .collect();
    let egress: Vec<_> =
        egress.into_iter().map(|one| json!({"host": one.host, "reason": one.reason.to_string()})).collect();
    let store = store.map_or_else(|error| error.to_string(), |()| "usable".to_owned());
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let document = json!({"ready": ready, "store": store, "credentials": credentials, "certificates": certificates,
               "egress": egress});
    (status, Json(document)).into_response()
}

/// What changed lately, for `sealpush report`.
async fn changes(State(inside): State<Arc<Inside>>) -> Response {
    Json(json!({ "changes": inside.changes.all() })).into_response()
}

/// `OpenMetrics` text; the gauges are read when it is asked for.
async fn metrics(State(inside): State<Arc<Inside>>) -> Response {
    inside.gauge().await;
    let mut response = inside.metrics.render().into_response();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

impl Inside {
    async fn gauge(&self) {
        match self.store.outbox.depth().await {
            Ok((load, oldest)) => {
                let age = oldest.map_or(0, |oldest| self.clock.now().since(oldest).as_secs());
                self.metrics.outbox(load.deliveries, load.bytes, age);
            }
            Err(_) => self.metrics.store_error(),
        }
        for (outcome, count) in self.store.outbox.ended_without_attempt() {
            self.metrics.ended_without_attempt(outcome, count);
        }
        match self.store.registrations.count().await {
            Ok((registrations, subscriptions)) => self.metrics.stored(registrations, subscriptions),
            Err(_) => self.metrics.store_error(),
        }
        let certificates = self.certificates.iter().map(|door| door.certificate());
        let (ends, problems) = certificates.fold((None, 0), |(ends, problems), one| {
            let first = [ends, one.ends_at].into_iter().flatten().min();
            (first, problems + u64::from(one.problem.is_some()))
        });
        self.metrics.certificates(ends.map_or(0, UnixMillis::unix_seconds), problems);
        self.metrics.queue_depth(self.queue.waiting() as u64);
        self.metrics.clients(self.clients.connections(), self.bodies.in_flight());
        let credentials = self.push_services.credential_states();
        let states = credentials
            .iter()
            .map(|one| ((&one.app, one.push_service, one.environment), one.standing.as_str()));
        self.metrics.credential_states(&CredentialStanding::NAMES, states);
        for TokenFigures { push_service, had, failed } in self.push_services.token_figures() {
            self.metrics.token_refreshes(push_service, had, failed);
        }
        for figures in self.push_services.pool_figures() {
            let held = credentials.iter().filter(|one| {
                one.push_service == figures.push_service
                    && matches!(one.standing, CredentialStanding::Held { .. })
            });
            let load = PushServiceLoad {
                connections: figures.connections as u64,
                streams: figures.streams as u64,
                credentials_held: held.count() as u64,
            };
            self.metrics.push_service_load(figures.push_service, load);
        }
    }
}
