//! What stands before the push service for one app: its breaker, its share of the places, and the watch over its
//! tokens.

use super::Passing;
use super::breaker::{Breaker, Guarded};
use super::share::Share;
use super::token_watch::TokenWatch;
use super::tools::Tools;
use crate::model::{AttemptOutcome, OutboundPush, Reason};

/// So many tokens that worked before are refused that it must be our mistake.
const TOKENS_REFUSED: Reason = Reason::ours("tokens_refused");

/// The guard of one app at one push service and environment.
#[derive(Debug)]
pub(super) struct AppGuard {
    /// Stops what cannot succeed.
    pub(super) breaker: Breaker,
    /// How many go at once.
    pub(super) share: Share,
    watch: TokenWatch,
}

impl AppGuard {
    /// A guard that has seen nothing.
    pub(super) fn new(guarded: Guarded, tools: &Tools) -> Self {
        let breaker = Breaker::new(guarded, &tools.clock, &tools.entropy);
        Self { breaker, share: Share::of(&tools.places), watch: TokenWatch::default() }
    }

    /// Who may go now.
    pub(super) fn passing(&self) -> Passing {
        let most = if self.share.is_full() { Passing::Few } else { Passing::Free };
        self.breaker.passing().min(most)
    }

    /// What `outcome`, the last word about the push's token, comes to in the light of what other tokens got. A
    /// refused token is the app's matter, not its own, while too many are.
    pub(super) fn weigh(
        &self,
        push: &OutboundPush<'_>,
        outcome: AttemptOutcome,
        tools: &Tools,
    ) -> AttemptOutcome {
        let fits = match outcome {
            AttemptOutcome::Accepted | AttemptOutcome::TokenDead { .. } => true,
            AttemptOutcome::TokenNotForApp { .. } => false,
            AttemptOutcome::AppHeld { .. }
            | AttemptOutcome::Rejected { .. }
            | AttemptOutcome::TryLater { .. }
            | AttemptOutcome::NotAttempted { .. }
            | AttemptOutcome::NotProcessed { .. }
            | AttemptOutcome::AnswerLost { .. } => return outcome,
        };
        if !push.confirmed {
            return outcome;
        }
        if self.watch.note(push.device_token, fits, tools.clock.now()) {
            self.breaker.hold(&TOKENS_REFUSED);
        }
        let is_ours = !fits && self.breaker.standing().reason() == Some(&TOKENS_REFUSED);
        if is_ours { AttemptOutcome::AppHeld { reason: TOKENS_REFUSED } } else { outcome }
    }
}
