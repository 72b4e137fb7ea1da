//! What changed lately in how the relay is, for `sealpush report`: a short list in memory, of closed words alone.
//!
//! Looks every few seconds at what `/readyz` shows. Must not keep an id, a host, a token or a reason that a push service
//! worded: who reads the report learns what kind of thing changed and when, to the minute.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::operator_routes::Inside;
use crate::base::{Live, UnixMillis};
use crate::intake::SubmitLimits;
use crate::model::Environment;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// The most changes that are remembered.
const MOST: usize = 100;
const MINUTE: i64 = 60_000;

/// One thing that can change, and how it is; by number where there are several of a kind.
type Standing = BTreeMap<(&'static str, &'static str, usize), &'static str>;

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct StateChange {
    /// When it was seen, to the minute, RFC 3339.
    at: String,
    /// What: `apns`, `fcm`, `store`, `outbox`, `certificate`, `egress`.
    what: &'static str,
    /// Of APNs, `production` or `sandbox`.
    #[serde(skip_serializing_if = "str::is_empty")]
    environment: &'static str,
    /// How it is since then.
    now: &'static str,
}

/// The changes of the running relay.
#[derive(Debug, Default)]
pub(super) struct StateChanges(Mutex<VecDeque<StateChange>>);

impl StateChanges {
    /// The oldest first.
    pub(super) fn all(&self) -> Vec<StateChange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Remembers what of `new` is other than in `old`.
    fn note(&self, old: &Standing, new: &Standing, at: UnixMillis) {
        let at = UnixMillis(at.0.div_euclid(MINUTE) * MINUTE).to_string();
        let mut changes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((what, environment, number), now) in new {
            if old.get(&(*what, *environment, *number)) == Some(now) {
                continue;
            }
            if changes.len() >= MOST {
                changes.pop_front();
            }
            changes.push_back(StateChange { at: at.clone(), what, environment, now });
        }
    }
}

/// Looks again and again until `shutdown`.
pub(super) async fn watch(inside: Arc<Inside>, limits: Live<SubmitLimits>, shutdown: CancellationToken) {
    let mut before = Standing::new();
    let mut pause = tokio::time::interval(PAUSE);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = pause.tick() => {}
        }
        let now = standing(&inside, &limits).await;
        inside.changes.note(&before, &now, inside.clock.now());
        before = now;
    }
}

async fn standing(inside: &Inside, limits: &Live<SubmitLimits>) -> Standing {
    let mut standing = Standing::new();
    for (number, one) in inside.push_services.credential_states().iter().enumerate() {
        let environment = one.environment.map_or("", Environment::as_str);
        standing.insert((one.push_service.as_str(), environment, number), one.standing.as_str());
    }
    let outbox = &inside.store.outbox;
    let usable = |usable: bool| if usable { "usable" } else { "unusable" };
    standing.insert(("store", "", 0), usable(outbox.writable().await.is_ok()));
    if let Ok((load, _)) = outbox.depth().await {
        let has_air = limits.get().outbox.have_air(load);
        standing.insert(("outbox", "", 0), if has_air { "has_room" } else { "full" });
    }
    for (number, door) in inside.certificates.iter().enumerate() {
        standing.insert(("certificate", "", number), usable(door.certificate().problem.is_none()));
    }
    standing.insert(("egress", "", 0), usable(inside.push_services.egress_problems().is_empty()));
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixMillis = UnixMillis(1_763_683_259_999);

    #[test]
    fn a_change_is_told_once_and_to_the_minute() {
        let changes = StateChanges::default();
        let standing = |now| Standing::from([(("apns", "production", 0), now), (("store", "", 0), "usable")]);
        let mut before = Standing::new();
        for now in ["usable", "usable", "held"] {
            let now = standing(now);
            changes.note(&before, &now, AT);
            before = now;
        }
        let told: Vec<_> = changes.all().into_iter().map(|one| (one.what, one.now, one.at)).collect();
        let minute = "2025-11-21T00:00:00Z".to_owned();
        assert_eq!(
            told,
            [
                ("apns", "usable", minute.clone()),
                ("store", "usable", minute.clone()),
                ("apns", "held", minute)
            ]
        );
    }

    #[test]
    fn the_oldest_changes_make_room() {
        let changes = StateChanges::default();
        for turn in 0..2 * MOST {
            let now = if turn % 2 == 0 { "held" } else { "usable" };
            changes.note(&Standing::new(), &Standing::from([(("fcm", "", 0), now)]), AT);
        }
        let all = changes.all();
        assert_eq!((all.len(), all.last().unwrap().now), (MOST, "usable"));
    }
}
