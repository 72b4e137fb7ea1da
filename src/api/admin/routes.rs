//! The route table of the operator's socket.

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use super::{apps, audit, limits, reload, senders};
use crate::intake::RateLimits;
use crate::operator::Operator;
use crate::web::Problem;

/// All administrative routes. To be served where only the operator can reach them.
pub fn admin_routes(operator: Arc<Operator>) -> Router {
    Router::new()
        .route("/admin/senders", get(senders::list).post(senders::add))
        .route("/admin/senders/{id}", delete(senders::erase))
        .route("/admin/senders/{id}/suspend", post(senders::suspend))
        .route("/admin/senders/{id}/resume", post(senders::resume))
        .route("/admin/apps", get(apps::list))
        .route("/admin/apps/{id}/release", post(apps::release))
        .route("/admin/audit", get(audit::list).post(audit::note))
        .route("/admin/reload", post(reload::reload))
        .route("/admin/audit/verify", get(audit::verify))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::no_such_path())
        .with_state(operator)
}

/// Who is at a limit now: to be merged with the others.
pub fn limit_routes(limits: Arc<RateLimits>) -> Router {
    Router::new().route("/admin/limits", get(limits::list)).with_state(limits)
}
