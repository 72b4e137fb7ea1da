//! The route table of the protocol's first version.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::hold_bodies;
use super::openapi::{common, with_refusals};
use super::rate_limiting::hold_limits;
use super::{
    Api, docs, feedback, held, notifications, privacy, registration_code, registrations, relay,
    sender_credentials, senders, sharing, subscriptions, usage,
};
use crate::telemetry::{Metrics, Route};
use crate::web::{Problem, json_or_nothing};

/// All routes of this door, and their description.
pub fn routes(api: Arc<Api>) -> Router {
    let (router, mut description) = described().split_for_parts();
    let (pages, of_pages) = described_pages().split_for_parts();
    description.merge(of_pages);
    router
        // Pages for people follow: what stands before them is JSON.
        .route_layer(from_fn(json_or_nothing))
        .merge(pages)
        .merge(docs::routes(&with_refusals(description)))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::no_such_path())
        .layer(from_fn_with_state(Arc::clone(&api), before_each))
        .with_state(api)
}

/// The description of the API in OpenAPI 3.1, as `/openapi.json` serves it and `docs/openapi.json` holds it.
#[must_use]
pub fn openapi() -> String {
    let mut description = described().into_openapi();
    description.merge(described_pages().into_openapi());
    docs::document(&with_refusals(description))
}

/// What is a page for those who would rather have one.
fn described_pages() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(privacy::show))
}

fn described() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::with_openapi(common())
        .routes(routes!(healthz))
        .routes(routes!(relay::show))
        .routes(routes!(senders::join))
        .routes(routes!(senders::show, senders::change, senders::erase))
        .routes(routes!(held::of_sender))
        .routes(routes!(sender_credentials::list, sender_credentials::add))
        .routes(routes!(sender_credentials::remove))
        .routes(routes!(sharing::show, sharing::change))
        .routes(routes!(sharing::preview))
        .routes(routes!(usage::show, usage::erase))
        .routes(routes!(registrations::create))
        .routes(routes!(registrations::show, registrations::replace, registrations::remove))
        .routes(routes!(held::on_registration))
        .routes(routes!(registration_code::send))
        .routes(routes!(registration_code::echo))
        .routes(routes!(subscriptions::create))
        .routes(routes!(subscriptions::create_sealed))
        .routes(routes!(subscriptions::show, subscriptions::set_key, subscriptions::remove))
        .routes(routes!(feedback::show))
        .routes(routes!(notifications::create))
        .routes(routes!(notifications::show, notifications::withdraw))
}

/// That the relay is alive.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct Health {
    /// `ok`.
    status: &'static str,
}

/// Says that the relay is alive.
///
/// And nothing more: whether it can work is said on the operator's listener.
#[utoipa::path(get, path = "/healthz", tag = "relay", responses((status = 200, body = Health)))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// What stands before every route, from the outside in. One layer: for each one a request pays a copy of all that stands
/// behind it (docs/adr/0032).
async fn before_each(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let within_limits = |request| hold_bodies(&api.bodies, request, next);
    measure(&api.metrics, request, |request| hold_limits(&api, request, within_limits)).await
}

/// Counts a request by its route, never by its path, which holds ids.
async fn measure<F: Future<Output = Response>>(
    metrics: &Metrics,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let started = Instant::now();
    let route =
        request.extensions().get::<MatchedPath>().map_or(Route::Other, |path| route_of(path.as_str()));
    let response = answer(request).await;
    metrics.request(route, response.status().as_u16(), started.elapsed().as_secs_f64());
    response
}

fn route_of(path: &str) -> Route {
    match path {
        "/healthz" => Route::Healthz,
        "/openapi.json" | "/docs" | "/docs/" | "/docs/{file}" => Route::Docs,
        "/v1/relay" => Route::Relay,
        "/v1/privacy" => Route::Privacy,
        "/v1/senders" => Route::Senders,
        "/v1/senders/self" => Route::OwnSender,
        "/v1/senders/self/export" => Route::SenderExport,
        "/v1/senders/self/credentials" => Route::SenderCredentials,
        "/v1/senders/self/credentials/{id}" => Route::SenderCredential,
        "/v1/senders/self/sharing" => Route::Sharing,
        "/v1/senders/self/sharing/preview" => Route::SharingPreview,
        "/v1/senders/self/usage" => Route::Usage,
        "/v1/registrations" => Route::Registrations,
        "/v1/registrations/{id}" => Route::Registration,
        "/v1/registrations/{id}/export" => Route::RegistrationExport,
        "/v1/registrations/{id}/subscriptions" => Route::RegistrationSubscriptions,
        "/v1/registrations/{id}/code" => Route::RegistrationCode,
        "/v1/registrations/{id}/confirm" => Route::RegistrationConfirm,
        "/v1/subscriptions" => Route::Subscriptions,
        "/v1/subscriptions/{id}" => Route::Subscription,
        "/v1/feedback" => Route::Feedback,
        "/v1/notifications" => Route::Notifications,
        "/v1/notifications/{id}" => Route::Notification,
        _ => Route::Other,
    }
}
