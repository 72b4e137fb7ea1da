//! Whether a credential works, as far as the push service has told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::{Clock, UnixMillis};
use crate::model::{AppId, AttemptOutcome, PushService, Reason};

/// One credential of one app, for `/readyz`, the metrics and `check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialState {
    /// The app.
    pub app: AppId,
    /// The push service that it is for.
    pub push_service: PushService,
    /// Whether it works.
    pub standing: CredentialStanding,
}

/// Whether a credential works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialStanding {
    /// Nobody has asked the push service yet.
    Unused,
    /// The last answer that tells says yes.
    Usable,
    /// The push service refused it, or the app behind it.
    Held {
        /// The push service's name for it, or ours.
        reason: Reason,
        /// Since when.
        since: UnixMillis,
    },
}

/// Keeps the standing of one credential up to date.
#[derive(Debug)]
pub(super) struct StandingBook {
    standing: Mutex<CredentialStanding>,
}

impl StandingBook {
    /// The book of a credential that nobody has used.
    pub(super) fn unused() -> Self {
        Self { standing: Mutex::new(CredentialStanding::Unused) }
    }

    /// The standing now.
    pub(super) fn read(&self) -> CredentialStanding {
        self.lock().clone()
    }

    /// Takes in what `outcome` tells.
    pub(super) fn note(&self, outcome: &AttemptOutcome, clock: &dyn Clock) {
        if let AttemptOutcome::AppHeld { reason } = outcome {
            let mut standing = self.lock();
            let since = match &*standing {
                CredentialStanding::Held { since, .. } => *since,
                CredentialStanding::Unused | CredentialStanding::Usable => clock.now(),
            };
            *standing = CredentialStanding::Held { reason: reason.clone(), since };
        } else if proves_credential(outcome) && !matches!(outcome, AttemptOutcome::Rejected { .. }) {
            // A rejection may be our own, of a push that was never sent.
            let mut standing = self.lock();
            if *standing != CredentialStanding::Usable {
                *standing = CredentialStanding::Usable;
            }
        }
    }

    /// Why the credential is held, where that became known only after `before` was read.
    pub(super) fn held_since_then(&self, before: &CredentialStanding) -> Option<Reason> {
        match &*self.lock() {
            now @ CredentialStanding::Held { reason, .. } if now != before => Some(reason.clone()),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, CredentialStanding> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the push service gives such an answer only to those whose credential it took.
pub(super) fn proves_credential(outcome: &AttemptOutcome) -> bool {
    match outcome {
        AttemptOutcome::Accepted
        | AttemptOutcome::TokenDead { .. }
        | AttemptOutcome::TokenNotForApp { .. }
        | AttemptOutcome::Rejected { .. } => true,
        AttemptOutcome::AppHeld { .. }
        | AttemptOutcome::TryLater { .. }
        | AttemptOutcome::NotProcessed { .. }
        | AttemptOutcome::AnswerLost { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::ManualClock;

    fn held(name: &'static str) -> AttemptOutcome {
        AttemptOutcome::AppHeld { reason: Reason::ours(name) }
    }

    #[test]
    fn a_credential_is_held_since_the_first_refusal_and_until_the_next_success() {
        let clock = ManualClock::at(UnixMillis(1_000));
        let book = StandingBook::unused();
        book.note(&held("a"), &clock);
        clock.advance(Duration::from_secs(1));
        book.note(&held("b"), &clock);
        let expected = CredentialStanding::Held { reason: Reason::ours("b"), since: UnixMillis(1_000) };
        assert_eq!(book.read(), expected);

        book.note(&AttemptOutcome::Accepted, &clock);

        assert_eq!(book.read(), CredentialStanding::Usable);
    }

    #[test]
    fn what_happened_to_a_connection_says_nothing_about_a_credential() {
        let book = StandingBook::unused();
        let lost = AttemptOutcome::AnswerLost { reason: Reason::ours("connection_broken") };
        book.note(&lost, &ManualClock::at(UnixMillis(0)));
        assert_eq!(book.read(), CredentialStanding::Unused);
    }

    #[test]
    fn a_push_that_we_refuse_ourselves_mends_no_credential() {
        let clock = ManualClock::at(UnixMillis(0));
        let book = StandingBook::unused();
        book.note(&held("a"), &clock);
        let before = book.read();
        book.note(&AttemptOutcome::Rejected { reason: Reason::ours("kind_not_for_token") }, &clock);
        assert_eq!(book.read(), before);
    }

    #[test]
    fn only_a_refusal_that_came_meanwhile_ends_those_who_wait() {
        let clock = ManualClock::at(UnixMillis(0));
        let book = StandingBook::unused();
        let before = book.read();
        book.note(&held("a"), &clock);
        assert_eq!(book.held_since_then(&before), Some(Reason::ours("a")));
        assert_eq!(book.held_since_then(&book.read()), None);
    }
}
