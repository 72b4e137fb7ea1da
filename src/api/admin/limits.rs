//! `/admin/limits`: who is at a limit now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::intake::{Connections, RateLimits};

/// A sender that was refused and must still wait. How much it asked for is its own business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitedSenderDocument {
    /// The sender's id.
    pub sender: String,
    /// The limit, by its name in the config.
    pub limit: String,
}

/// Everyone who is at a limit now. Of clients' networks only the limits: which networks they are, nobody can read out
/// of the relay.
#[derive(Debug, Serialize, Deserialize)]
pub struct LimitedSenderList {
    /// In the order of their ids.
    pub senders: Vec<LimitedSenderDocument>,
    /// The limits, by their names in the config, at which some network is.
    pub networks: Vec<String>,
}

/// `GET /admin/limits`
pub(super) async fn list(
    State((limits, connections)): State<(Arc<RateLimits>, Arc<Connections>)>,
) -> Json<LimitedSenderList> {
    let senders = limits.limited_senders().into_iter().map(|limited| LimitedSenderDocument {
        sender: limited.sender.to_string(),
        limit: limited.limit.as_str().to_owned(),
    });
    let networks = limits.limited_networks().into_iter().map(|limit| limit.as_str().to_owned());
    let connections = connections.is_one_at_the_limit().then(|| Connections::LIMIT.to_owned());
    let networks = networks.chain(connections).collect();
    Json(LimitedSenderList { senders: senders.collect(), networks })
}
