//! The route table of the protocol's first version.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::{Api, notifications, registrations, relay, subscriptions};
use crate::telemetry::Route;
use crate::web::Problem;

/// All routes of this door.
pub fn routes(api: Arc<Api>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/v1/relay", get(relay::show))
        .route("/v1/registrations", post(registrations::create))
        .route(
            "/v1/registrations/{id}",
            get(registrations::show).put(registrations::replace).delete(registrations::remove),
        )
        .route("/v1/registrations/{id}/subscriptions", post(subscriptions::create))
        .route(
            "/v1/subscriptions/{id}",
            get(subscriptions::show).put(subscriptions::set_key).delete(subscriptions::remove),
        )
        .route("/v1/notifications", post(notifications::create))
        .route("/v1/notifications/{id}", get(notifications::show))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::no_such_path())
        .layer(from_fn_with_state(Arc::clone(&api), measure))
        .with_state(api)
}

/// Alive, and nothing more: whether the relay can work is said on the operator's listener.
async fn healthz() -> Json<serde_json::Value> {
    Json(serde_json::json!({"status": "ok"}))
}

/// Counts a request by its route, never by its path, which holds ids.
async fn measure(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route =
        request.extensions().get::<MatchedPath>().map_or(Route::Other, |path| route_of(path.as_str()));
    let response = next.run(request).await;
    api.metrics.request(route, response.status().as_u16(), started.elapsed().as_secs_f64());
    response
}

fn route_of(path: &str) -> Route {
    match path {
        "/healthz" => Route::Healthz,
        "/v1/relay" => Route::Relay,
        "/v1/registrations" => Route::Registrations,
        "/v1/registrations/{id}" => Route::Registration,
        "/v1/registrations/{id}/subscriptions" => Route::RegistrationSubscriptions,
        "/v1/subscriptions/{id}" => Route::Subscription,
        "/v1/notifications" => Route::Notifications,
        "/v1/notifications/{id}" => Route::Notification,
        _ => Route::Other,
    }
}
