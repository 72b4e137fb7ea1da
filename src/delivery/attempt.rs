//! One attempt: from a lease to what follows from it.
//!
//! Joins the adapter, which knows the push service, to the verdict, which knows the rules. Must not touch
//! storage: the settlement goes back to the dispatcher.

use std::time::Instant;

use super::verdict::{Attempted, verdict};
use crate::base::{Clock, Entropy};
use crate::model::{
    AttemptOutcome, Effect, Environment, Lease, OutboundPush, Outcome, PushService, Settlement,
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
        let (deadline, now) = (delivery.deadline(), self.clock.now());
        let now_or_never = delivery.options.ttl.seconds() == 0;
        if delivery.too_late(now) {
            return Settlement::Decided { outcome: Outcome::Expired, at: now, effect: Effect::None };
        }
        let mut other_environment = None;
        let mut outcome = self.push(lease, delivery.reach.environment).await;
        if let AttemptOutcome::TokenNotForApp { try_other_environment: true, .. } = outcome
            && let Some(other) = delivery.reach.environment.map(Environment::other)
        {
            let second = self.push(lease, Some(other)).await;
            if second == AttemptOutcome::Accepted {
                other_environment = Some(other);
                outcome = second;
            }
        }
        let attempted = Attempted {
            attempts: lease.attempts + 1,
            answers_lost: lease.answers_lost,
            began_at: now,
            registered_at: delivery.reach.registered_at,
            deadline,
            now_or_never,
            other_environment,
        };
        verdict(outcome, attempted, self.clock.now(), self.entropy.fraction())
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
                now: self.clock.now(),
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
