//! The route table of the operator's listeners.

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use super::gate::{Gate, by_token, trusted};
use super::{apps, audit, invites, keys, limits, outbox, reload, senders, tokens, usage};
use crate::intake::{Connections, RateLimits};
use crate::operator::{Keys, Operator};
use crate::web::Problem;

/// All administrative routes, to be served where only the operator can reach them.
pub fn admin_routes(operator: Arc<Operator>) -> Router {
    with_fallbacks(trusted(table(operator)))
}

/// All administrative routes, for whoever shows an operator's token.
pub fn admin_routes_by_token(gate: Gate) -> Router {
    with_fallbacks(by_token(table(Arc::clone(&gate.operator)), gate))
}

fn table(operator: Arc<Operator>) -> Router {
    Router::new()
        .route("/admin/senders", get(senders::list).post(senders::add))
        .route("/admin/senders/{id}", delete(senders::erase))
        .route("/admin/senders/{id}/usage", get(usage::show))
        .route("/admin/senders/{id}/suspend", post(senders::suspend))
        .route("/admin/senders/{id}/resume", post(senders::resume))
        .route("/admin/senders/{id}/credentials", post(senders::add_credential))
        .route("/admin/usage", get(usage::list))
        .route("/admin/invites", get(invites::list).post(invites::add))
        .route("/admin/invites/{id}", delete(invites::revoke))
        .route("/admin/tokens", get(tokens::list).post(tokens::add))
        .route("/admin/tokens/{id}", delete(tokens::revoke))
        .route("/admin/apps", get(apps::list))
        .route("/admin/apps/{id}/release", post(apps::release))
        .route("/admin/outbox", get(outbox::show))
        .route("/admin/audit", get(audit::list).post(audit::note))
        .route("/admin/reload", post(reload::reload))
        .route("/admin/audit/verify", get(audit::verify))
        .with_state(operator)
}

/// Who is at a limit now: to be merged with the others.
pub fn limit_routes(limits: Arc<RateLimits>, connections: Arc<Connections>) -> Router {
    Router::new().route("/admin/limits", get(limits::list)).with_state((limits, connections))
}

/// The relay's own keys, to be merged with the others where only the operator can reach them.
pub fn key_routes(keys: Arc<Keys>) -> Router {
    trusted(key_table(keys))
}

/// The relay's own keys, to be merged with the others for whoever shows an operator's token.
pub fn key_routes_by_token(keys: Arc<Keys>, gate: Gate) -> Router {
    by_token(key_table(keys), gate)
}

fn key_table(keys: Arc<Keys>) -> Router {
    Router::new()
        .route("/admin/keys", get(keys::list))
        .route("/admin/keys/storage/rotate", post(keys::rotate))
        .route("/admin/keys/storage/continue", post(keys::go_on))
        .with_state(keys)
}

fn with_fallbacks(routes: Router) -> Router {
    routes
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::no_such_path())
}
