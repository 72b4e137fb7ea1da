//! Which targets of a submission become deliveries, and in which form each one's content goes out.
//!
//! The strictest of the operator's, the app's and the sender's content policy holds. Must not push or store.

use std::sync::Arc;

use super::submit::SubmitLimits;
use super::{RateLimits, Submission, SubmitError, SubmittedContent, SubmittedTarget};
use crate::base::{Live, UnixMillis};
use crate::model::{App, Apps, ContentPolicy, Delivery, DeliveryId, Outcome, Reach, Reason, TargetOutcome};
use crate::privacy::{Pseudonyms, Treated, Treatment};
use crate::storage::Found;

/// What became of a submission's targets.
pub(super) struct Admitted {
    /// Those that are on their way.
    pub(super) deliveries: Vec<Arc<Delivery>>,
    /// Those that ended before that.
    pub(super) ended: Vec<TargetOutcome>,
}

/// What admission goes by.
pub(super) struct Admission {
    pub(super) apps: Live<Apps>,
    pub(super) limits: Live<SubmitLimits>,
    pub(super) pseudonyms: Arc<Pseudonyms>,
    pub(super) rates: Arc<RateLimits>,
}

/// A target that is reached, on its way to a delivery.
struct Planned {
    id: DeliveryId,
    reach: Reach,
    target: SubmittedTarget,
    policy: ContentPolicy,
}

impl Admission {
    /// Admits the targets of `submission`; `reaches` says how each is reached.
    ///
    /// # Errors
    /// What is wrong with the submission as a whole: nothing of it is done then.
    pub(super) async fn admit(
        &self,
        submission: Submission,
        reaches: Vec<Found>,
        now: UnixMillis,
    ) -> Result<Admitted, SubmitError> {
        let apps = self.apps.get();
        let common = self.limits.get().content_policy.max(submission.sender.content_policy);
        if submission.content.is_some() && common == ContentPolicy::SealedOnly {
            return Err(SubmitError::ContentNotSealed);
        }
        let Submission { sender, id, body_hash, options, collapse_key, content, targets, .. } = submission;
        let mut planned = Vec::with_capacity(targets.len());
        let mut ended = Vec::new();
        for (index, (target, reach)) in targets.into_iter().zip(reaches).enumerate() {
            let end =
                |outcome| TargetOutcome { subscription: target.subscription, form: None, outcome, at: now };
            let reach = match reach {
                Found::Reach(reach) => reach,
                Found::Nothing => {
                    ended.push(end(Outcome::Gone(Reason::ours("unknown_subscription"))));
                    continue;
                }
                Found::Unreadable => {
                    ended.push(end(Outcome::Rejected(Reason::ours("unreadable"))));
                    continue;
                }
            };
            let Some(app) = apps.get(&reach.app) else {
                ended.push(end(Outcome::Rejected(Reason::ours("app_not_configured"))));
                continue;
            };
            check_options(app, &target, index)?;
            let policy = common.max(app.content_policy);
            let free = matches!(target.content, SubmittedContent::Free { .. });
            if content.is_some() && free && policy == ContentPolicy::SealedOnly {
                ended.push(end(Outcome::Rejected(Reason::ours("content_not_sealed"))));
                continue;
            }
            let delivery = match &target.content {
                SubmittedContent::Envelope(envelope) => {
                    DeliveryId::from_bytes(*envelope.delivery_id().as_bytes())
                }
                // The same for a repeated request, so that the device drops what it has seen.
                SubmittedContent::Free { .. } => {
                    self.pseudonyms.delivery_id(sender.id, id, &body_hash, target.subscription)
                }
            };
            planned.push(Planned { id: delivery, reach, target, policy });
        }
        // Last, so that a submission that is refused as a whole took nothing. Who is notified too often waits
        // for nothing: the outbox is not where a flood belongs.
        planned.retain(|planned| {
            let subscription = planned.target.subscription;
            let passes = self.rates.target(subscription);
            if !passes {
                let outcome = Outcome::Rejected(Reason::ours("subscription_rate_limited"));
                ended.push(TargetOutcome { subscription, form: None, outcome, at: now });
            }
            passes
        });
        let payloads = match content {
            Some(content) => {
                let treated: Vec<Treated<'_>> = planned.iter().filter_map(treated).collect();
                content.treat(&treated, now).await
            }
            None => Vec::new(),
        };
        let mut payloads = payloads.into_iter();
        let had_content = payloads.len() > 0;
        let deliveries = planned.into_iter().map(|planned| {
            let Planned { id: delivery, reach, target, .. } = planned;
            let payload = match target.content {
                SubmittedContent::Free { .. } if had_content => {
                    payloads.next().expect("every target without envelope was treated")
                }
                content => content.without_content(),
            };
            let collapse =
                collapse_key.as_ref().map(|key| self.pseudonyms.collapse_hash(target.subscription, key));
            Arc::new(Delivery {
                id: delivery,
                notification: id,
                reach,
                payload,
                options: options.clone(),
                collapse,
                badge: target.badge,
                sound: target.sound,
                accepted_at: now,
            })
        });
        Ok(Admitted { deliveries: deliveries.collect(), ended })
    }
}

/// What is done with readable content for a target, where it came without an envelope.
fn treated(planned: &Planned) -> Option<Treated<'_>> {
    let SubmittedContent::Free { reference } = &planned.target.content else { return None };
    let treatment = match (&planned.reach.relay_key, planned.policy) {
        (Some(key), _) => Treatment::Seal { key },
        (None, ContentPolicy::ClearAllowed) => Treatment::Clear,
        (None, ContentPolicy::SealOrOmit | ContentPolicy::SealedOnly) => {
            Treatment::Omit { reference: reference.clone() }
        }
    };
    Some(Treated { subscription: planned.target.subscription, delivery: planned.id, treatment })
}

fn check_options(app: &App, target: &SubmittedTarget, index: usize) -> Result<(), SubmitError> {
    let refused = |option| Err(SubmitError::NotAllowedByApp { target: index, option });
    if target.badge.is_some() && !app.badge_allowed {
        return refused("badge");
    }
    if target.sound.is_some() && !app.sound_allowed {
        return refused("sound");
    }
    Ok(())
}

/// The outcome of a delivery that was decided.
pub(super) fn target_outcome(delivery: &Delivery, outcome: Outcome, at: UnixMillis) -> TargetOutcome {
    TargetOutcome {
        subscription: delivery.reach.subscription,
        form: Some(delivery.payload.form()),
        outcome,
        at,
    }
}
