//! From a row, and what else the answer says, to what becomes of the attempt and what it tells of the way.

use std::time::Duration;

use super::{AnswerRow, Meaning, Remedy};
use crate::base::UnixMillis;
use crate::model::{AttemptOutcome, Reason};
use crate::push_services::http2::Failure;

/// An answer, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::push_services) struct Reading {
    /// What the attempt came to, where nothing else is tried.
    pub(in crate::push_services) outcome: AttemptOutcome,
    /// What is worth one more attempt at once.
    pub(in crate::push_services) remedy: Remedy,
    /// What it tells of the way to the push service.
    pub(in crate::push_services) signal: Signal,
}

/// What an attempt tells of the way to the push service: of the credential, the app and the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::push_services) enum Signal {
    /// The push service accepted a notification.
    Accepted,
    /// It took our authorisation, and answered about this one notification.
    Answered,
    /// It refuses the credential.
    CredentialRefused(Reason),
    /// It refuses the app: its topic, or its project's settings.
    AppRefused(Reason),
    /// It wants nothing more under this credential for so long.
    Rest(Reason, Duration),
    /// It failed, or could not be reached.
    Fault(Reason),
    /// It took a notification and did not answer for as long as anybody waits.
    Silence(Reason),
    /// Nothing.
    Nothing,
}

impl From<&Failure> for Signal {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::AnswerLost(reason) | Failure::Unreachable(reason) => Self::Fault(reason.clone()),
            Failure::Silence(reason) => Self::Silence(reason.clone()),
            // A connection that ends is daily business, and a host that rests was counted when it failed.
            Failure::NotProcessed(_) | Failure::BackingOff { .. } => Self::Nothing,
        }
    }
}

/// What an answer says besides status and reason.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::push_services) struct Details {
    /// Since when the token is dead.
    pub(in crate::push_services) since: Option<UnixMillis>,
    /// How long to wait.
    pub(in crate::push_services) wait: Option<Duration>,
    /// It names the device token as what is wrong.
    pub(in crate::push_services) about_token: bool,
    /// It names the project as what is over its quota.
    pub(in crate::push_services) about_project: bool,
}

impl AnswerRow {
    /// What follows from an answer of this row.
    pub(in crate::push_services) fn read(&self, reason: Reason, details: Details) -> Reading {
        // No wait at all, or a date that our clock has passed, asks for nothing: what is usual then holds.
        let after = details.wait.filter(|wait| !wait.is_zero()).or(self.wait());
        let not_for_app = |reason, try_other_environment| {
            (AttemptOutcome::TokenNotForApp { reason, try_other_environment }, Signal::Answered)
        };
        let rejected = |reason| (AttemptOutcome::Rejected { reason }, Signal::Answered);
        let busy = |reason| (AttemptOutcome::TryLater { reason, after }, Signal::Answered);
        let all_busy = |reason: Reason| {
            let signal = Signal::Rest(reason.clone(), after.unwrap_or_default());
            (AttemptOutcome::TryLater { reason, after }, signal)
        };
        let dead = |reason, since| (AttemptOutcome::TokenDead { reason, since }, Signal::Answered);
        let (outcome, signal) = match self.meaning {
            Meaning::Accepted => (AttemptOutcome::Accepted, Signal::Accepted),
            Meaning::TokenDead => dead(reason, details.since),
            Meaning::TokenDeadSince if details.since.is_some() => dead(reason, details.since),
            Meaning::TokenNotForApp => not_for_app(reason, false),
            Meaning::OtherEnvironment => not_for_app(reason, true),
            Meaning::TokenOrRequest if details.about_token => not_for_app(reason, false),
            Meaning::TokenDeadSince | Meaning::TokenOrRequest | Meaning::Rejected => rejected(reason),
            Meaning::CredentialHeld => {
                (AttemptOutcome::AppHeld { reason: reason.clone() }, Signal::CredentialRefused(reason))
            }
            Meaning::AppHeld => {
                (AttemptOutcome::AppHeld { reason: reason.clone() }, Signal::AppRefused(reason))
            }
            Meaning::Quota if details.about_project => all_busy(reason),
            Meaning::CredentialBusy => all_busy(reason),
            Meaning::TokenBusy | Meaning::Quota => busy(reason),
            Meaning::Fault => {
                (AttemptOutcome::TryLater { reason: reason.clone(), after }, Signal::Fault(reason))
            }
            Meaning::NotProcessed => (AttemptOutcome::NotProcessed { reason, after: None }, Signal::Nothing),
            Meaning::Unclear => (AttemptOutcome::AnswerLost { reason, silent: false }, Signal::Nothing),
        };
        Reading { outcome, remedy: self.remedy, signal }
    }
}
