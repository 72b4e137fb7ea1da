//! A sender's book: what it sent, what it was answered, and what it was told in the end.

use serde_json::Value;

/// One notification.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    /// Whose: the number of its sender.
    pub(super) sender: usize,
    /// Its id.
    pub(super) id: String,
    /// The request as it was sent, and sent again.
    pub(super) body: Value,
    /// Its time to live in seconds.
    pub(super) ttl: u64,
    pub(super) collapse_key: Option<String>,
    pub(super) targets: Vec<Target>,
    /// When the request was sent first: unix milliseconds.
    pub(super) began_ms: u64,
    /// When the relay had accepted it, at the latest; `None`: it never did.
    pub(super) accepted_ms: Option<u64>,
    /// How often no whole answer came.
    pub(super) lost_answers: u64,
    /// How often it was told to come back later.
    pub(super) put_off: u64,
    /// Its sender asked to withdraw it.
    pub(super) withdrawn: bool,
    /// Every answer that accepted it or told of it, in their order.
    pub(super) told: Vec<Answered>,
    /// Answers that should not be.
    pub(super) odd: Vec<String>,
}

/// One target of a notification.
#[derive(Debug, Clone, Default)]
pub(super) struct Target {
    pub(super) subscription: String,
    /// By which its pushes are known at the push service: its reference, or the delivery id of its envelope.
    pub(super) mark: String,
}

/// An answer, as far as it tells of targets; one that knows of no such notification tells of none.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) at_ms: u64,
    pub(super) targets: Vec<Told>,
}

impl Answered {
    /// Whether it tells of targets, and none of them waits.
    pub(super) fn is_decided(&self) -> bool {
        !self.targets.is_empty() && self.targets.iter().all(|target| target.outcome != "pending")
    }
}

/// What an answer says of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) subscription: String,
    pub(super) outcome: String,
    pub(super) reason: String,
}

impl Sent {
    /// From when on nothing of it may be sent, at the latest. A time to live of 0 means some seconds, in which a busy
    /// relay makes its one attempt.
    pub(super) fn end_ms(&self) -> u64 {
        let life = if self.ttl == 0 { 10_000 } else { self.ttl * 1_000 };
        self.accepted_ms.unwrap_or(self.began_ms) + life
    }

    /// Takes in an answer that tells of its targets.
    pub(super) fn is_told(&mut self, at_ms: u64, answer: &Value) {
        let text = |target: &Value, member: &str| target[member].as_str().unwrap_or_default().to_owned();
        let targets = answer["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let targets = targets.iter().map(|target| Told {
            subscription: text(target, "subscription"),
            outcome: text(target, "outcome"),
            reason: text(target, "reason"),
        });
        self.told.push(Answered { at_ms, targets: targets.collect() });
    }
}
