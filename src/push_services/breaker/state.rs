//! When a breaker trips, whom it lets try, and when it lets all pass again. Pure.

use std::time::Duration;

use crate::base::{Backoff, UnixMillis};
use crate::model::{AttemptOutcome, Reason};
use crate::push_services::answers::Signal;
use crate::push_services::{CredentialStanding, Passing};

/// So many faults in a row trip it,
const FAULTS: u32 = 10;
/// where they last for so long: one broken connection ends hundreds of streams in one moment.
const FAULTS_LAST: Duration = Duration::from_secs(3);
/// Between two tries while it is tripped; at least half of it, drawn anew each time.
const PROBE: Backoff = Backoff { first: Duration::from_secs(4), most: Duration::from_mins(1) };
/// Between two tries of which the first told nothing, or not enough.
const PROBE_AGAIN: Duration = Duration::from_secs(1);
/// So many tries in a row are accepted where most tokens fit again. Where more than half do not, they hardly ever
/// are: at most once in 32 times.
const TOKENS_FIT: u32 = 5;

/// How a delivery was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Like all others.
    Free {
        /// The breaker's generation then: what began before it was mended says nothing about it now.
        generation: u64,
    },
    /// Alone, to try.
    Probe,
}

/// What is worth a line in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// The push service refuses us.
    Held(Reason),
    /// It fails.
    Failing(Reason),
    /// It asked for rest.
    Resting(Reason),
    /// All is well again.
    Mended,
}

/// Why it is tripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The credential is refused. Any answer about a notification says that it works again.
    CredentialHeld,
    /// The app is refused. Only a notification that was accepted says that it works again.
    AppHeld,
    /// So many of the app's tokens are refused that it must be our mistake. One that is accepted says little.
    TokensRefused {
        /// Tries in a row that were accepted.
        accepted: u32,
    },
    /// The push service fails.
    Failing,
    /// It asked for rest.
    Resting,
}

#[derive(Debug, Clone)]
struct Tripped {
    why: Why,
    reason: Reason,
    since: UnixMillis,
    tries: u32,
    /// When `probe_at` was set: a clock that was set back since then makes a try due.
    set_at: UnixMillis,
    probe_at: UnixMillis,
    probing: bool,
}

/// What is known of one way to a push service.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    generation: u64,
    proven: bool,
    faults: Option<Faults>,
    tripped: Option<Tripped>,
}

/// Faults in a row.
#[derive(Debug, Clone, Copy)]
struct Faults {
    count: u32,
    first_at: UnixMillis,
}

impl State {
    /// See [`super::Breaker::word`]: even where every delivery passes and a good answer changes nothing.
    pub(super) fn word(&self) -> u64 {
        let is_usual = self.proven && self.faults.is_none() && self.tripped.is_none();
        self.generation * 2 + u64::from(!is_usual)
    }

    /// Lets a delivery in at `now`, or says what it comes to instead.
    pub(super) fn enter(&mut self, now: UnixMillis) -> Result<Entry, AttemptOutcome> {
        match &mut self.tripped {
            None => Ok(Entry::Free { generation: self.generation }),
            Some(tripped) if tripped.is_due(now) => {
                tripped.probing = true;
                Ok(Entry::Probe)
            }
            Some(tripped) => Err(tripped.refusal(now)),
        }
    }

    /// Who may enter at `now`.
    pub(super) fn passing(&self, now: UnixMillis) -> Passing {
        match &self.tripped {
            None => Passing::Free,
            Some(tripped) if tripped.is_due(now) => Passing::One,
            Some(_) => Passing::Nobody,
        }
    }

    /// What a delivery comes to that may not pass.
    pub(super) fn refusal(&self, now: UnixMillis) -> Option<AttemptOutcome> {
        self.tripped.as_ref().map(|tripped| tripped.refusal(now))
    }

    /// Takes in what a delivery has learned.
    pub(super) fn note(
        &mut self,
        entry: Entry,
        signal: &Signal,
        now: UnixMillis,
        jitter: f64,
    ) -> Option<Change> {
        match entry {
            Entry::Probe => self.probed(signal, now, jitter),
            Entry::Free { generation } if generation < self.generation => None,
            Entry::Free { .. } if self.tripped.is_some() => self.straggled(signal, now, jitter),
            Entry::Free { .. } => self.passed(signal, now, jitter),
        }
    }

    /// Of a delivery that passed freely, and nothing tripped it meanwhile.
    fn passed(&mut self, signal: &Signal, now: UnixMillis, jitter: f64) -> Option<Change> {
        match signal {
            Signal::Accepted | Signal::Answered => {
                self.proven = true;
                self.faults = None;
                None
            }
            Signal::Fault(reason) | Signal::Silence(reason) => {
                let faults = self.faults.get_or_insert(Faults { count: 0, first_at: now });
                faults.count = faults.count.saturating_add(1);
                // Silence has lasted for a whole time limit when it is noticed, however many notice it at once.
                let is_silence = matches!(signal, Signal::Silence(_));
                let lasts = is_silence || now.since(faults.first_at) >= FAULTS_LAST;
                (faults.count >= FAULTS && lasts)
                    .then(|| self.trip(Why::Failing, reason, now, PROBE.after(1, half(jitter))))
            }
            Signal::CredentialRefused(reason) => {
                Some(self.trip(Why::CredentialHeld, reason, now, PROBE.after(1, half(jitter))))
            }
            Signal::AppRefused(reason) => {
                Some(self.trip(Why::AppHeld, reason, now, PROBE.after(1, half(jitter))))
            }
            Signal::Rest(reason, wait) => Some(self.trip(Why::Resting, reason, now, *wait)),
            Signal::Nothing => None,
        }
    }

    /// Of a delivery that was let in before it tripped: only what is worse counts.
    fn straggled(&mut self, signal: &Signal, now: UnixMillis, jitter: f64) -> Option<Change> {
        let tripped = self.tripped.as_mut()?;
        let is_held = tripped.why.is_held();
        match signal {
            Signal::CredentialRefused(_) | Signal::AppRefused(_) if !is_held => {
                self.passed(signal, now, jitter)
            }
            Signal::Rest(_, wait) => {
                let until = now.plus(*wait);
                if until > tripped.probe_at {
                    (tripped.set_at, tripped.probe_at) = (now, until);
                }
                None
            }
            _ => None,
        }
    }

    fn probed(&mut self, signal: &Signal, now: UnixMillis, jitter: f64) -> Option<Change> {
        // Whoever released it meanwhile did not wait for this one.
        let Some(tripped) = &mut self.tripped else { return self.passed(signal, now, jitter) };
        tripped.probing = false;
        let mends = match signal {
            Signal::Accepted => true,
            Signal::Answered => !matches!(tripped.why, Why::AppHeld | Why::TokensRefused { .. }),
            _ => false,
        };
        let mends = tripped.why.enough_tokens_fit(signal) && mends;
        if mends {
            return Some(self.mended());
        }
        tripped.set_at = now;
        if matches!(signal, Signal::Nothing | Signal::Accepted) {
            tripped.probe_at = now.plus(PROBE_AGAIN);
            return None;
        }
        tripped.tries = tripped.tries.saturating_add(1);
        tripped.probe_at = now.plus(PROBE.after(tripped.tries, half(jitter)));
        match signal {
            Signal::CredentialRefused(reason) => tripped.turn(Why::CredentialHeld, reason),
            Signal::AppRefused(reason) => tripped.turn(Why::AppHeld, reason),
            Signal::Rest(_, wait) => {
                // Who asks for a short rest again and again gets a longer one.
                tripped.probe_at = tripped.probe_at.max(now.plus(*wait));
                None
            }
            Signal::Fault(_) | Signal::Silence(_) | Signal::Accepted | Signal::Answered | Signal::Nothing => {
                None
            }
        }
    }

    /// Holds the app because so many of its tokens are refused.
    pub(super) fn hold(&mut self, reason: &Reason, now: UnixMillis, jitter: f64) -> Option<Change> {
        let why = Why::TokensRefused { accepted: 0 };
        match &mut self.tripped {
            Some(tripped) => tripped.turn(why, reason),
            None => Some(self.trip(why, reason, now, PROBE.after(1, half(jitter)))),
        }
    }

    /// Lets everything pass, until the next refusal.
    pub(super) fn release(&mut self) -> Option<Change> {
        self.tripped.is_some().then(|| self.mended())
    }

    fn mended(&mut self) -> Change {
        self.generation += 1;
        (self.proven, self.faults, self.tripped) = (true, None, None);
        Change::Mended
    }

    fn trip(&mut self, why: Why, reason: &Reason, now: UnixMillis, wait: Duration) -> Change {
        let probe_at = now.plus(wait);
        // Whoever tries just now still does.
        let probing = self.tripped.as_ref().is_some_and(|tripped| tripped.probing);
        self.tripped = Some(Tripped {
            why,
            reason: reason.clone(),
            since: now,
            tries: 1,
            set_at: now,
            probe_at,
            probing,
        });
        why.change(reason)
    }

    /// What is known of the way at `now`.
    pub(super) fn standing(&self, now: UnixMillis) -> CredentialStanding {
        // Who has rested long enough is well until the contrary is heard, also where nobody comes by to try.
        let in_force = |tripped: &&Tripped| tripped.why != Why::Resting || now < tripped.probe_at;
        let Some(tripped) = self.tripped.as_ref().filter(in_force) else {
            return if self.proven { CredentialStanding::Usable } else { CredentialStanding::Unused };
        };
        let (reason, since) = (tripped.reason.clone(), tripped.since);
        match tripped.why {
            Why::CredentialHeld | Why::AppHeld | Why::TokensRefused { .. } => {
                CredentialStanding::Held { reason, since }
            }
            Why::Failing => CredentialStanding::Failing { reason, since },
            Why::Resting => CredentialStanding::Resting { reason, since },
        }
    }
}

impl Tripped {
    fn is_due(&self, now: UnixMillis) -> bool {
        !self.probing && (now >= self.probe_at || now < self.set_at)
    }

    fn refusal(&self, now: UnixMillis) -> AttemptOutcome {
        let after = self.probe_at.since(now).max(PROBE_AGAIN);
        let held = self.why.is_held();
        AttemptOutcome::NotAttempted { reason: self.reason.clone(), after, held }
    }

    /// Goes on for another reason; a change where it is of another kind.
    fn turn(&mut self, why: Why, reason: &Reason) -> Option<Change> {
        let was_held = self.why.is_held();
        (self.why, self.reason) = (why, reason.clone());
        (!was_held).then(|| why.change(reason))
    }
}

impl Why {
    /// It is about us, and mended by us.
    fn is_held(self) -> bool {
        matches!(self, Self::CredentialHeld | Self::AppHeld | Self::TokensRefused { .. })
    }

    /// Counts what a try came to; false only where too few tokens are known to fit.
    fn enough_tokens_fit(&mut self, signal: &Signal) -> bool {
        let Self::TokensRefused { accepted } = self else { return true };
        match signal {
            Signal::Accepted => *accepted += 1,
            // Where nothing was learned, nothing is counted.
            Signal::Nothing => {}
            _ => *accepted = 0,
        }
        *accepted >= TOKENS_FIT
    }

    fn change(self, reason: &Reason) -> Change {
        let reason = reason.clone();
        match self {
            Self::CredentialHeld | Self::AppHeld | Self::TokensRefused { .. } => Change::Held(reason),
            Self::Failing => Change::Failing(reason),
            Self::Resting => Change::Resting(reason),
        }
    }
}

/// Jitter that leaves at least half of a wait.
fn half(jitter: f64) -> f64 {
    1.0 - jitter / 2.0
}
