//! Who acts on an administrative route: whoever can open the socket, or the holder of an operator's token.
//!
//! Each listener's routes carry the answer with them, so that no handler decides it, and none can forget to. Whoever
//! fails too often is not looked at, as at the doors of senders and apps.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, FromRequestParts, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::request::Parts;

use crate::api::rate_limiting::rate_limited;
use crate::intake::RateLimits;
use crate::model::{Actor, ClientNetwork, OperatorRole};
use crate::operator::{Operator, OperatorAuthError};
use crate::web::{Problem, bearer_token};

/// Who acts.
#[derive(Debug, Clone, Copy)]
pub(super) struct By(pub(super) Actor);

impl<S: Send + Sync> FromRequestParts<S> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Routes that no gate stands before let nobody in.
        parts.extensions.get().copied().ok_or_else(|| OperatorAuthError::Malformed.into())
    }
}

/// `routes` for a listener that only the operator can reach: the socket, or this process.
pub(super) fn trusted(routes: Router) -> Router {
    routes.layer(Extension(By(Actor::Operator)))
}

/// `routes` for a listener on the network: a viewer's token reads, an owner's does everything.
pub fn by_token(routes: Router, gate: Gate) -> Router {
    routes.route_layer(from_fn_with_state(gate, pass))
}

/// What tells who may pass.
#[derive(Clone)]
pub struct Gate {
    /// Who has tokens.
    pub operator: Arc<Operator>,
    /// Who failed too often.
    pub rate_limits: Arc<RateLimits>,
}

async fn pass(
    State(Gate { operator, rate_limits }): State<Gate>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let client = request.extensions().get::<ClientNetwork>().cloned();
    let bearer = bearer_token(request.headers());
    rate_limits.before_authentication(client.as_ref(), bearer).map_err(rate_limited)?;
    // What reads is safe in the words of RFC 9110, section 9.2.1, and nothing else is.
    let needed = if request.method().is_safe() { OperatorRole::Viewer } else { OperatorRole::Owner };
    let actor = match operator.authenticate(bearer, needed).await {
        Ok(actor) => actor,
        Err(error) => {
            if matches!(error, OperatorAuthError::Malformed | OperatorAuthError::Invalid) {
                rate_limits.authentication_failed(client.as_ref(), bearer);
            }
            return Err(error.into());
        }
    };
    request.extensions_mut().insert(By(actor));
    Ok(next.run(request).await)
}
