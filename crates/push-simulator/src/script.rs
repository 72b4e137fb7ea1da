//! The rules in force, and which of them a request meets.
//!
//! Owns matching and counting down. What an effect does is `exchange`'s. Read next: `rule`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::host::Host;
use crate::rule::{Effect, Rule, RuleTarget};

/// What a request is about, as far as it can be read before any check.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) host: Host,
    pub(crate) device: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) project: Option<String>,
}

/// What the script holds for a request before it is judged.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Effect>,
}

/// All rules of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Mutex<Vec<Rule>>,
    /// Lets a request without a script pass without lock or subject.
    any: AtomicBool,
}

impl Script {
    /// Adds a rule behind the others.
    pub(crate) fn add(&self, rule: Rule) {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.push(rule);
        self.any.store(true, Ordering::Release);
    }

    /// Forgets all rules.
    pub(crate) fn clear(&self) {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.clear();
        self.any.store(false, Ordering::Release);
    }

    /// The rules with what is left of their counts.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there is no rule at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// Uses up what applies on arrival: all delays before the first fault, and that fault.
    pub(crate) fn arrival(&self, subject: &Subject) -> Arrival {
        let mut arrival = Arrival::default();
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        for rule in rules.iter_mut().filter(|rule| rule.applies(subject) && rule.effect.is_on_arrival()) {
            rule.use_once();
            if let Effect::Delay { millis } = rule.effect {
                arrival.delay += Duration::from_millis(millis);
            } else {
                arrival.fault = Some(rule.effect.clone());
                break;
            }
        }
        self.sweep(&mut rules);
        arrival
    }

    /// Uses up what applies to a new connection to `host`: whether its TLS handshake is broken.
    pub(crate) fn breaks_handshake(&self, host: Host) -> bool {
        if self.is_empty() {
            return false;
        }
        let subject = Subject { host, device: None, topic: None, project: None };
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let meant = |rule: &&mut Rule| rule.applies(&subject) && rule.effect == Effect::BreakHandshake;
        let Some(rule) = rules.iter_mut().find(meant) else { return false };
        rule.use_once();
        self.sweep(&mut rules);
        true
    }

    /// Uses up the first answer for a request that was found valid.
    pub(crate) fn answer(&self, subject: &Subject) -> Option<Effect> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let rule = rules.iter_mut().find(|rule| rule.applies(subject) && rule.effect.is_answer())?;
        rule.use_once();
        let effect = rule.effect.clone();
        self.sweep(&mut rules);
        Some(effect)
    }

    fn sweep(&self, rules: &mut Vec<Rule>) {
        rules.retain(|rule| rule.times != Some(0));
        self.any.store(!rules.is_empty(), Ordering::Release);
    }
}

impl Rule {
    fn applies(&self, subject: &Subject) -> bool {
        if self.times == Some(0) {
            return false;
        }
        let is = |own: &str, theirs: &Option<String>| theirs.as_deref() == Some(own);
        match &self.target {
            RuleTarget::Everything => true,
            RuleTarget::Apns => subject.host.environment().is_some(),
            RuleTarget::Fcm => subject.host == Host::Fcm,
            RuleTarget::TokenEndpoint => subject.host == Host::Token,
            RuleTarget::Device(token) => is(token, &subject.device),
            RuleTarget::Topic(topic) => {
                let bundle = subject.topic.as_deref().map(crate::apns::bundle_id);
                is(topic, &subject.topic) || bundle == Some(topic)
            }
            RuleTarget::Project(project) => is(project, &subject.project),
        }
    }

    fn use_once(&mut self) {
        self.times = self.times.map(|left| left.saturating_sub(1));
    }
}

impl Effect {
    /// Whether it comes over a request before it is judged.
    fn is_on_arrival(&self) -> bool {
        !self.is_answer() && *self != Self::BreakHandshake
    }

    /// Whether it replaces the answer to a valid request, and so waits until the request was judged.
    fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Answer { .. }
                | Self::ApnsRefusal { .. }
                | Self::FcmFailure { .. }
                | Self::OauthFailure { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject { host: Host::Fcm, device: None, topic: None, project: Some("p".to_owned()) }
    }

    fn script(rules: impl IntoIterator<Item = Rule>) -> Script {
        let script = Script::default();
        rules.into_iter().for_each(|rule| script.add(rule));
        script
    }

    fn on_fcm(effect: Effect) -> Rule {
        Rule::new(RuleTarget::Fcm, effect)
    }

    #[test]
    fn delays_add_up_until_the_first_fault() {
        let delay = |millis| on_fcm(Effect::Delay { millis });
        let script = script([delay(1), delay(2), on_fcm(Effect::Silence), delay(4)]);
        let arrival = script.arrival(&subject());
        assert_eq!((arrival.delay, arrival.fault), (Duration::from_millis(3), Some(Effect::Silence)));
    }

    #[test]
    fn answers_wait_for_the_judgement_and_come_in_order() {
        let first = on_fcm(Effect::answer(500, "first")).times(1);
        let script = script([first, on_fcm(Effect::answer(500, "second"))]);
        assert_eq!(script.arrival(&subject()).fault, None);
        assert_eq!(script.answer(&subject()), Some(Effect::answer(500, "first")));
        assert_eq!(script.answer(&subject()), Some(Effect::answer(500, "second")));
    }

    #[test]
    fn a_broken_handshake_is_about_connections_and_not_about_requests() {
        let script = script([on_fcm(Effect::BreakHandshake).times(1)]);
        assert_eq!(script.arrival(&subject()).fault, None);
        assert!(!script.breaks_handshake(Host::ApnsProduction));
        assert!(script.breaks_handshake(Host::Fcm) && !script.breaks_handshake(Host::Fcm));
    }

    #[test]
    fn a_used_up_script_is_empty() {
        let script = script([on_fcm(Effect::BreakBefore).times(1)]);
        assert!(!script.is_empty());
        script.arrival(&subject());
        assert!(script.is_empty());
    }

    #[test]
    fn rules_of_others_do_not_apply() {
        for target in [
            RuleTarget::Apns,
            RuleTarget::TokenEndpoint,
            RuleTarget::Device("d".to_owned()),
            RuleTarget::Topic("t".to_owned()),
            RuleTarget::Project("q".to_owned()),
        ] {
            let script = script([Rule::new(target, Effect::Silence)]);
            assert_eq!(script.arrival(&subject()).fault, None);
        }
    }
}
