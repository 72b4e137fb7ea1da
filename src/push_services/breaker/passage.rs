//! One delivery's way through the breakers that stand before it.

use super::Breaker;
use super::state::Entry;
use crate::model::AttemptOutcome;
use crate::push_services::answers::Signal;

/// A delivery that was let in. Dropped without a word, it has learned nothing.
pub(in crate::push_services) struct Passage<'a> {
    credential: Step<'a>,
    /// Where app and credential have a breaker each.
    app: Option<Step<'a>>,
}

struct Step<'a> {
    breaker: &'a Breaker,
    entry: Entry,
    noted: bool,
}

impl<'a> Passage<'a> {
    /// Through the breaker of an app that shares its credential with nobody.
    pub(in crate::push_services) fn through(breaker: &'a Breaker) -> Result<Self, AttemptOutcome> {
        Ok(Self { credential: Step::into(breaker)?, app: None })
    }

    /// Through the breaker of a credential, then through that of the app.
    pub(in crate::push_services) fn through_both(
        credential: &'a Breaker,
        app: &'a Breaker,
    ) -> Result<Self, AttemptOutcome> {
        let credential = Step::into(credential)?;
        Ok(Self { credential, app: Some(Step::into(app)?) })
    }

    /// What the delivery comes to where a breaker tripped since it was let in.
    pub(in crate::push_services) fn closed_meanwhile(&self) -> Option<AttemptOutcome> {
        let mut steps = std::iter::once(&self.credential).chain(&self.app);
        steps.find_map(|step| step.breaker.tripped_since(step.entry))
    }

    /// Tells the breakers what the attempt has learned: each what concerns it.
    pub(in crate::push_services) fn note(mut self, signal: &Signal) {
        let Some(app) = &mut self.app else { return self.credential.note(signal) };
        match signal {
            Signal::Accepted | Signal::Answered | Signal::Nothing => {
                self.credential.note(signal);
                app.note(signal);
            }
            Signal::CredentialRefused(_) | Signal::Rest(..) => self.credential.note(signal),
            Signal::AppRefused(_) => {
                self.credential.note(&Signal::Answered);
                app.note(signal);
            }
            Signal::Fault(_) | Signal::Silence(_) => app.note(signal),
        }
    }
}

impl<'a> Step<'a> {
    fn into(breaker: &'a Breaker) -> Result<Self, AttemptOutcome> {
        Ok(Self { breaker, entry: breaker.enter()?, noted: false })
    }

    fn note(&mut self, signal: &Signal) {
        self.noted = true;
        self.breaker.note(self.entry, signal);
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        // An attempt that was cut off, or learned nothing for this breaker, must not keep others from trying.
        if !self.noted {
            self.breaker.note(self.entry, &Signal::Nothing);
        }
    }
}
