//! One attempt: from a lease to what follows from it.
//!
//! Joins the adapter, which knows the push service, to the verdict, which knows the rules. Must not write
//! to storage: the settlement goes back to the dispatcher.

use std::time::Instant;

use super::tried_elsewhere::TriedElsewhere;
use super::verdict::{Attempted, verdict};
use crate::base::{Clock, Entropy, Live, UnixMillis};
use crate::model::{
    Apps, AttemptOutcome, Delivery, Effect, Environment, Lease, OutboundPush, Outcome, PushService, Reach,
    Reason, Settlement, UnderWay,
};
use crate::push_services::PushServices;
use crate::storage::{Found, Registrations, Senders};
use crate::telemetry::Metrics;

/// What an attempt needs besides its lease.
pub(super) struct Attempts {
    pub(super) apps: Live<Apps>,
    pub(super) senders: std::sync::Arc<dyn Senders>,
    pub(super) under_way: UnderWay,
    pub(super) registrations: std::sync::Arc<dyn Registrations>,
    pub(super) push_services: std::sync::Arc<PushServices>,
    pub(super) clock: std::sync::Arc<dyn Clock>,
    pub(super) entropy: std::sync::Arc<dyn Entropy>,
    pub(super) metrics: std::sync::Arc<Metrics>,
    pub(super) tried_elsewhere: TriedElsewhere,
}

impl Attempts {
    /// Offers the lease's delivery to its push service once; twice where an APNs token turns out to be one of
    /// the other environment.
    pub(super) async fn attempt(&self, lease: &Lease) -> Settlement {
        let delivery = &lease.delivery;
        let now = self.clock.now();
        if let Some(outcome) = self.ended(delivery, now) {
            let at = outcome.told_at(now);
            return Settlement::Decided { outcome, at, effect: Effect::None };
        }
        if lease.attempts == 0 {
            self.metrics.queued(now.since(delivery.accepted_at).as_secs_f64());
        }
        let mut found = None;
        let mut outcome = self.push(lease, delivery.reach.environment, false).await;
        if let AttemptOutcome::TokenNotForApp { try_other_environment: true, .. } = outcome
            && let Some(other) = delivery.reach.environment.map(Environment::other)
            && let Some(second) = self.push_elsewhere(lease, other).await
        {
            found = (second == AttemptOutcome::Accepted).then_some(other);
            outcome = second;
        }
        let outcome =
            self.push_services.weigh(&outbound(lease, found.or(delivery.reach.environment)), outcome);
        let attempted = attempted(lease, now, found);
        verdict(outcome, attempted, self.clock.now(), self.entropy.fraction())
    }

    /// How a delivery ended that must not be attempted any more. Each attempt asks: what was admitted may wait for
    /// days, and what held then need not hold now.
    fn ended(&self, delivery: &Delivery, now: UnixMillis) -> Option<Outcome> {
        // A code goes out all the same: it proves the token, whoever asked for it.
        let (reach, is_notification) = (&delivery.reach, delivery.payload.is_notification());
        // What waited in the outbox has ended already; this waited in memory.
        if is_notification
            && (self.senders.has_stopped(reach.sender, delivery.accepted_at, now)
                || self.registrations.has_ended(reach))
        {
            return Some(Outcome::subscription_ended());
        }
        if delivery.too_late(now) {
            return Some(Outcome::Expired);
        }
        // Its device token was replaced, or its app asks for the proof now.
        if is_notification && self.is_pending(reach) {
            return Some(Outcome::Rejected(Reason::ours("registration_pending")));
        }
        None
    }

    /// Of an app that is no longer served nothing is reached: the push services say so.
    fn is_pending(&self, reach: &Reach) -> bool {
        self.apps.get().get(&reach.app).is_some_and(|app| reach.is_pending(app.confirm))
    }

    /// Offers a token that fits the registration's environment not to the other one, once for each time that it
    /// is registered; `None` where that is no better, so that the first answer stands.
    async fn push_elsewhere(&self, lease: &Lease, other: Environment) -> Option<AttemptOutcome> {
        let reach = &lease.delivery.reach;
        if self.tried_elsewhere.contains(&reach.device_token, reach.registered_at, other) {
            return None;
        }
        let second = self.push(lease, Some(other), true).await;
        match &second {
            AttemptOutcome::TokenNotForApp { .. } => {
                self.tried_elsewhere.insert(&reach.device_token, reach.registered_at, other);
                None
            }
            // The key is not for there, or does not work just now: that says nothing about the token.
            AttemptOutcome::AppHeld { .. } | AttemptOutcome::NotAttempted { held: true, .. } => None,
            AttemptOutcome::Accepted
            | AttemptOutcome::TokenDead { .. }
            | AttemptOutcome::Rejected { .. }
            | AttemptOutcome::TryLater { .. }
            | AttemptOutcome::NotAttempted { held: false, .. }
            | AttemptOutcome::NotProcessed { .. }
            | AttemptOutcome::AnswerLost { .. } => Some(second),
        }
    }

    /// How the delivery's subscription is reached now, where its registration has another device token than the delivery
    /// knows, or was registered anew since.
    pub(super) async fn reached_otherwise(&self, delivery: &Delivery) -> Option<Reach> {
        if !delivery.payload.is_notification() {
            return None;
        }
        let known = &delivery.reach;
        let found = self.registrations.reach(known.sender, &[known.subscription]).await.ok()?.pop()?;
        let Found::Reach(now) = found else { return None };
        let is_other = now.device_token != known.device_token || now.registered_at != known.registered_at;
        is_other.then_some(now)
    }

    /// What follows from an attempt that panicked: our own mistake, which must not take the delivery with it.
    pub(super) fn panicked(&self, lease: &Lease) -> Settlement {
        tracing::error!("an attempt panicked; its answer counts as lost");
        let outcome = AttemptOutcome::AnswerLost { reason: Reason::ours("attempt_panicked"), silent: false };
        let now = self.clock.now();
        verdict(outcome, attempted(lease, now, None), now, self.entropy.fraction())
    }

    async fn push(&self, lease: &Lease, environment: Option<Environment>, on_trial: bool) -> AttemptOutcome {
        let started = Instant::now();
        let push = OutboundPush { on_trial, ..outbound(lease, environment) };
        let outcome = self.push_services.push(push).await;
        let push_service: PushService = lease.delivery.reach.push_service;
        self.metrics.attempt(push_service, (&outcome).into(), started.elapsed().as_secs_f64());
        outcome
    }
}

/// What goes out for `lease`.
fn outbound(lease: &Lease, environment: Option<Environment>) -> OutboundPush<'_> {
    let delivery = &lease.delivery;
    OutboundPush {
        app: &delivery.reach.app,
        environment,
        token_kind: delivery.reach.token_kind,
        device_token: &delivery.reach.device_token,
        confirmed: delivery.reach.confirmed(),
        on_trial: false,
        delivery: delivery.id,
        payload: &delivery.payload,
        kind: delivery.options.kind,
        urgency: delivery.options.urgency,
        deadline: delivery.deadline(),
        now_or_never: delivery.options.ttl.seconds() == 0,
        end: delivery.end(),
        collapse: delivery.collapse,
        badge: delivery.badge,
        sound: delivery.sound.as_ref(),
    }
}

/// `lease` at the end of one more attempt, which began at `began_at`.
fn attempted(lease: &Lease, began_at: UnixMillis, other_environment: Option<Environment>) -> Attempted {
    let delivery = &lease.delivery;
    Attempted {
        attempts: lease.attempts + 1,
        answers_lost: lease.answers_lost,
        began_at,
        registered_at: delivery.reach.registered_at,
        deadline: delivery.deadline(),
        now_or_never: delivery.options.ttl.seconds() == 0,
        other_environment,
    }
}
