//! What waits in the outbox, and why.

use super::Operator;
use crate::base::UnixMillis;
use crate::model::Reason;
use crate::push_services::CredentialStanding;
use crate::storage::{StorageError, WaitingGroup};

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What waits for one push service of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFor {
    /// How much, and since when.
    pub group: WaitingGroup,
    /// Why.
    pub why: WaitsFor,
}

/// What deliveries wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// The way to the push service is closed: it is held, failing or resting.
    TheWay {
        /// The name of that.
        standing: &'static str,
        /// What the push service said, or what happened.
        reason: Reason,
        /// Since when.
        since: UnixMillis,
    },
    /// Their turn: they are due, or already taken.
    TheirTurn,
    /// The time of their next try.
    TheirTime,
    /// A relay: none runs.
    Relay,
}

impl WaitsFor {
    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::TheWay { standing, .. } => standing,
            Self::TheirTurn => "turn",
            Self::TheirTime => "next_try",
            Self::Relay => "no_relay",
        }
    }
}

impl Operator {
    /// What waits, by app, push service and environment. Nothing of it names a sender, a device or content.
    pub async fn outbox(&self) -> Result<Vec<WaitingFor>, OutboxError> {
        let groups = self.outbox.groups(self.clock.now()).await?;
        let states = self.push_services.as_ref().map(|ways| ways.credential_states());
        let waiting = groups.into_iter().map(|group| {
            let Some(states) = &states else { return WaitingFor { group, why: WaitsFor::Relay } };
            let state = states.iter().find(|state| {
                (&state.app, state.push_service, state.environment)
                    == (&group.way.app, group.way.push_service, group.way.environment)
            });
            let why = why(&group, state.map(|state| &state.standing));
            WaitingFor { group, why }
        });
        Ok(waiting.collect())
    }
}

fn why(group: &WaitingGroup, standing: Option<&CredentialStanding>) -> WaitsFor {
    let closed = standing.and_then(|standing| {
        let (reason, since) = (standing.reason()?.clone(), standing.since()?);
        Some(WaitsFor::TheWay { standing: standing.as_str(), reason, since })
    });
    match closed {
        Some(way) => way,
        None if group.due + group.leased > 0 => WaitsFor::TheirTurn,
        None => WaitsFor::TheirTime,
    }
}
