//! `/admin/outbox`: what waits, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::model::{Environment, PushService, Reason};
use crate::operator::{Operator, WaitingFor, WaitsFor};
use crate::web::Problem;

/// All that waits.
#[derive(Debug, Serialize, Deserialize)]
pub struct OutboxDocument {
    /// How many deliveries.
    pub waiting: u64,
    /// By app, push service and environment, in their order.
    pub groups: Vec<WaitingDocument>,
}

/// What waits for one push service of one app.
#[derive(Debug, Serialize, Deserialize)]
pub struct WaitingDocument {
    /// The app's id.
    pub app: String,
    /// The push service.
    pub push_service: PushService,
    /// APNs only.
    pub environment: Option<String>,
    /// How many deliveries wait.
    pub waiting: u64,
    /// How many bytes of envelopes and references they hold.
    pub payload_bytes: u64,
    /// How many were tried before.
    pub tried: u64,
    /// How many are due now.
    pub due: u64,
    /// How many are taken: they are under way, or about to be.
    pub taken: u64,
    /// How many are younger than a minute, an hour, a day, and older.
    pub ages: AgesDocument,
    /// When the oldest was accepted.
    pub oldest_accepted_at: String,
    /// When the next is due of those that are not taken.
    pub next_due_at: Option<String>,
    /// What they wait for: `held`, `failing`, `resting` (the way to the push service is closed), `turn`, `next_try`, or
    /// `no_relay`.
    pub waits_for: String,
    /// What the push service said, or what happened, where the way is closed.
    pub reason: Option<String>,
    /// Since when the way is closed.
    pub since: Option<String>,
}

/// How many deliveries of each age wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgesDocument {
    /// Younger than a minute.
    pub minute: u64,
    /// Younger than an hour, and older than a minute.
    pub hour: u64,
    /// Younger than a day, and older than an hour.
    pub day: u64,
    /// Older than a day.
    pub older: u64,
}

impl From<&WaitingFor> for WaitingDocument {
    fn from(WaitingFor { group, why }: &WaitingFor) -> Self {
        let [minute, hour, day, older] = group.ages;
        let (reason, since) = match why {
            WaitsFor::TheWay { reason, since, .. } => (Some(reason), Some(since)),
            WaitsFor::TheirTurn | WaitsFor::TheirTime | WaitsFor::Relay => (None, None),
        };
        Self {
            app: group.way.app.to_string(),
            push_service: group.way.push_service,
            environment: group.way.environment.map(|environment| Environment::as_str(environment).to_owned()),
            waiting: group.waiting,
            payload_bytes: group.payload_bytes,
            tried: group.tried,
            due: group.due,
            taken: group.leased,
            ages: AgesDocument { minute, hour, day, older },
            oldest_accepted_at: group.oldest.to_string(),
            next_due_at: group.next_due.map(|due| due.to_string()),
            waits_for: why.as_str().to_owned(),
            reason: reason.map(Reason::as_str).map(str::to_owned),
            since: since.map(ToString::to_string),
        }
    }
}

/// `GET /admin/outbox`
pub(super) async fn show(State(operator): State<Arc<Operator>>) -> Result<Json<OutboxDocument>, Problem> {
    let groups: Vec<_> = operator.outbox().await?.iter().map(WaitingDocument::from).collect();
    Ok(Json(OutboxDocument { waiting: groups.iter().map(|group| group.waiting).sum(), groups }))
}
