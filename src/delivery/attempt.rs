//! One attempt: from a lease to what follows from it.
//!
//! Joins the adapter, which knows the push service, to the verdict, which knows the rules. Must not touch
//! storage: the settlement goes back to the dispatcher.

use std::time::Instant;

use super::verdict::{Attempted, verdict};
use crate::base::{Clock, Entropy, UnixMillis};
use crate::model::{
    AttemptOutcome, Effect, Environment, Lease, OutboundPush, Outcome, PushService, Reason, Settlement,
};
use crate::push_services::PushServices;
use crate::telemetry::Metrics;

/// What an attempt needs besides its lease.
#[derive(Debug)]
pub(super) struct Attempts {
    pub(super) push_services: std::sync::Arc<PushServices>,
    pub(super) clock: std::sync::Arc<dyn Clock>,
    pub(super) entropy: std::sync::Arc<dyn Entropy>,
    pub(super) metrics: std::sync::Arc<Metrics>,
}

impl Attempts {
    /// Offers the lease's delivery to its push service once; twice where an APNs token turns out to be one of
    /// the other environment.
    pub(super) async fn attempt(&self, lease: &Lease) -> Settlement {
        let delivery = &lease.delivery;
        let now = self.clock.now();
        if delivery.too_late(now) {
            return Settlement::Decided { outcome: Outcome::Expired, at: now, effect: Effect::None };
        }
        let mut other_environment = None;
        let mut outcome = self.push(lease, delivery.reach.environment).await;
        if let AttemptOutcome::TokenNotForApp { try_other_environment: true, .. } = outcome
            && let Some(other) = delivery.reach.environment.map(Environment::other)
        {
            match self.push(lease, Some(other)).await {
                // The token is no better there, or the key is not for there: the first answer is the better one.
                AttemptOutcome::TokenNotForApp { .. } | AttemptOutcome::AppHeld { .. } => {}
                second => {
                    other_environment = (second == AttemptOutcome::Accepted).then_some(other);
                    outcome = second;
                }
            }
        }
        let attempted = attempted(lease, now, other_environment);
        verdict(outcome, attempted, self.clock.now(), self.entropy.fraction())
    }

    /// What follows from an attempt that panicked: our own mistake, which must not take the delivery with it.
    pub(super) fn panicked(&self, lease: &Lease) -> Settlement {
        tracing::error!("an attempt panicked; its answer counts as lost");
        let outcome = AttemptOutcome::AnswerLost { reason: Reason::ours("attempt_panicked") };
        let now = self.clock.now();
        verdict(outcome, attempted(lease, now, None), now, self.entropy.fraction())
    }

    async fn push(&self, lease: &Lease, environment: Option<Environment>) -> AttemptOutcome {
        let delivery = &lease.delivery;
        let started = Instant::now();
        let outcome = self
            .push_services
            .push(OutboundPush {
                app: &delivery.reach.app,
                environment,
                token_kind: delivery.reach.token_kind,
                device_token: &delivery.reach.device_token,
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
            })
            .await;
        let push_service: PushService = delivery.reach.push_service;
        self.metrics.attempt(push_service, (&outcome).into(), started.elapsed().as_secs_f64());
        outcome
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
