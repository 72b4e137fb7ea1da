//! Stops what cannot succeed: an app or credential that is refused, a push service that fails, or one that
//! asked for rest. While a breaker is tripped, one delivery at a time tries whether it has passed.
//!
//! Owns who may go to the push service now. Must not know its words ([`super::answers::Signal`] says all), nor
//! keep anything over a restart: a refusal is found out again by the first delivery. Read next: `state.rs`,
//! the rules, pure; then `passage.rs`, how a delivery goes through.

mod passage;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use passage::Passage;
use state::{Change, Entry, State};

use super::answers::Signal;
use super::{CredentialStanding, Passing};
use crate::base::{Clock, Entropy};
use crate::model::{AppId, AttemptOutcome, Environment, PushService, Reason};

/// Whose way a breaker guards; for the log.
#[derive(Debug, Clone)]
pub(super) struct Guarded {
    /// The app; of a credential that several share, the first.
    pub(super) app: AppId,
    /// The push service.
    pub(super) push_service: PushService,
    /// APNs only.
    pub(super) environment: Option<Environment>,
}

/// The breaker of one way to a push service.
pub(super) struct Breaker {
    /// The generation of the state, doubled, and 1 more where something is out of the ordinary. An even number
    /// is all that a delivery reads on the usual way.
    word: AtomicU64,
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    guarded: Guarded,
}

impl Breaker {
    /// A breaker that nothing has tripped.
    pub(super) fn new(guarded: Guarded, clock: &Arc<dyn Clock>, entropy: &Arc<dyn Entropy>) -> Self {
        let state = State::default();
        let word = AtomicU64::new(state.word());
        let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
        Self { word, state: Mutex::new(state), clock, entropy, guarded }
    }

    /// Lets one delivery in, or says what it comes to instead.
    fn enter(&self) -> Result<Entry, AttemptOutcome> {
        let word = self.word.load(Ordering::Acquire);
        if word.is_multiple_of(2) {
            return Ok(Entry::Free { generation: word / 2 });
        }
        self.change(|state| state.enter(self.clock.now()))
    }

    /// Who would be let in now.
    pub(super) fn passing(&self) -> Passing {
        if self.word.load(Ordering::Acquire).is_multiple_of(2) {
            return Passing::Free;
        }
        self.lock().passing(self.clock.now())
    }

    /// What a delivery that was let in freely comes to, where the breaker tripped meanwhile.
    fn tripped_since(&self, entry: Entry) -> Option<AttemptOutcome> {
        let is_usual = self.word.load(Ordering::Acquire).is_multiple_of(2);
        if is_usual || entry == Entry::Probe {
            return None;
        }
        self.lock().refusal(self.clock.now())
    }

    /// Takes in what a delivery that was let in has learned.
    fn note(&self, entry: Entry, signal: &Signal) {
        let is_usual = self.word.load(Ordering::Acquire).is_multiple_of(2);
        let is_good = matches!(signal, Signal::Accepted | Signal::Answered | Signal::Nothing);
        if is_usual && is_good && entry != Entry::Probe {
            return;
        }
        let jitter = self.entropy.fraction();
        let change = self.change(|state| state.note(entry, signal, self.clock.now(), jitter));
        self.tell(change);
    }

    /// Trips it for a reason that no single answer gives.
    pub(super) fn hold(&self, reason: &Reason) {
        let now = self.clock.now();
        let jitter = self.entropy.fraction();
        let change = self.change(|state| state.hold(reason, now, jitter));
        self.tell(change);
    }

    /// Lets everything pass again, until the next refusal; whether it was tripped.
    pub(super) fn release(&self) -> bool {
        let change = self.change(State::release);
        let was_tripped = change.is_some();
        self.tell(change);
        was_tripped
    }

    /// What is known of the way.
    pub(super) fn standing(&self) -> CredentialStanding {
        self.lock().standing(self.clock.now())
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        self.word.store(state.word(), Ordering::Release);
        result
    }

    /// One line for each change, and none for what follows from it.
    fn tell(&self, change: Option<Change>) {
        let Guarded { app, push_service, environment } = &self.guarded;
        let environment = environment.map(Environment::as_str);
        match change {
            None => {}
            Some(Change::Held(reason)) => tracing::error!(
                %app, %push_service, environment, %reason,
                "the push service refuses the app or its credential; its deliveries wait until that is mended"
            ),
            Some(Change::Failing(reason)) => tracing::warn!(
                %app, %push_service, environment, %reason,
                "the push service fails; the app's deliveries wait until it answers again"
            ),
            Some(Change::Resting(reason)) => tracing::warn!(
                %app, %push_service, environment, %reason,
                "the push service asked for rest; the app's deliveries wait"
            ),
            Some(Change::Mended) => tracing::info!(
                %app, %push_service, environment,
                "the push service takes the app's notifications again"
            ),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("guarded", &self.guarded).finish_non_exhaustive()
    }
}
