//! Compares the senders' books with what came to the push services, and says what of the promise was broken.
//!
//! The clauses are those of docs/DELIVERY.md. What a fault may cause by the promise's own words is counted under that
//! fault; everything else is a breach. Read next: `figures.rs`.

use std::collections::HashSet;

use push_simulator::BrokenConnection;

use super::arrivals::{Arrival, Arrivals};
use super::book::{Answered, Sent, Target, Told};
use super::figures::Figures;

/// A push that was begun in time may be read by the push service this much later, on a busy machine.
const SLACK_MS: u64 = 3_000;
/// How long a fault of a push service keeps deliveries away from it: until its breaker tries again, at the most.
const FAULT_LASTS_MS: u64 = 70_000;
/// Until an answer that was written is read.
const ON_ITS_WAY_MS: u64 = 10_000;
/// Outcomes that were told are written within this time.
const KEPT_WITHIN_MS: u64 = 10_000;
/// Why a target may be rejected here: its answer was lost twice, or its push service said so by a status alone.
const REASONS: [&str; 2] = ["answer_unknown", "http_400"];

/// A time without the relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Down {
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
    /// It was killed; one that is asked to stop has time to write.
    pub(super) killed: bool,
}

impl Down {
    fn overlaps(&self, from_ms: u64, to_ms: u64) -> bool {
        self.from_ms <= to_ms && self.to_ms >= from_ms
    }
}

/// All that is known of a run.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) books: Vec<Sent>,
    pub(super) arrivals: Arrivals,
    pub(super) broken: Vec<BrokenConnection>,
    pub(super) downs: Vec<Down>,
    /// When push services were made to fail.
    pub(super) faults: Vec<u64>,
    /// The subscriptions of phones that lost the app.
    pub(super) dead: HashSet<String>,
}

/// What came out.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    pub(super) figures: Figures,
    /// What of the promise was broken.
    pub(super) breaches: Vec<String>,
}

impl Evidence {
    /// Judges every notification that was accepted.
    pub(super) fn judge(&self) -> Judgement {
        let mut judgement = Judgement::default();
        judgement.figures.pushes = self.arrivals.count();
        for sent in &self.books {
            judgement.figures.repeated += sent.lost_answers;
            judgement.figures.put_off += sent.put_off;
            judgement.breaches.extend(sent.odd.iter().map(|odd| format!("{}: {odd}", sent.id)));
            if sent.accepted_ms.is_none() {
                judgement.figures.given_up += 1;
                continue;
            }
            judgement.figures.notifications += 1;
            if self.was_denied(sent) {
                judgement.breaches.push(format!("{}: the relay knew nothing of it", sent.id));
            }
            for target in &sent.targets {
                judgement.figures.targets += 1;
                self.judge_target(sent, target, &mut judgement);
            }
        }
        judgement
    }

    fn judge_target(&self, sent: &Sent, target: &Target, judgement: &mut Judgement) {
        let arrivals = self.arrivals.to(&target.mark);
        self.judge_outcome(sent, target, arrivals, judgement);
        Self::judge_times(sent, target, arrivals, judgement);
        self.judge_duplicates(sent, target, arrivals, judgement);
    }

    /// Clauses 1 to 3: exactly one outcome, which is true, and never another; and an offer.
    fn judge_outcome(&self, sent: &Sent, target: &Target, arrivals: &[Arrival], judgement: &mut Judgement) {
        let Judgement { figures, breaches } = judgement;
        let breach = |what: &str| format!("{} to {}: {what}", sent.id, target.subscription);
        let Some(told) = self.last_word(sent, figures).and_then(|last| outcome(sent, target, last)) else {
            figures.lost += 1;
            return breaches.push(breach("it has no outcome, or more than one"));
        };
        *figures.outcomes.entry(told.outcome.clone()).or_default() += 1;
        for earlier in sent.told.iter().filter(|earlier| !self.may_be_forgotten(earlier)) {
            let of_target = earlier.targets.iter().find(|one| one.subscription == target.subscription);
            if let Some(other) = of_target.filter(|one| one.outcome != "pending" && *one != told) {
                breaches.push(breach(&format!("it ended {told:?}, and before that {other:?}")));
            }
        }
        let taken = arrivals.iter().any(Arrival::is_taken);
        match told.outcome.as_str() {
            "accepted" if taken => return,
            "accepted" => {
                figures.lost += 1;
                return breaches.push(breach("accepted, and no push service has it"));
            }
            "pending" => {
                figures.lost += 1;
                return breaches.push(breach("it is still pending"));
            }
            "rejected" => {
                *figures.reasons.entry(told.reason.clone()).or_default() += 1;
                let (from, end) = (sent.began_ms, sent.end_ms());
                if !REASONS.contains(&told.reason.as_str())
                    || !(self.failed(from, end) || self.was_down(from, end))
                {
                    breaches.push(breach(&format!("rejected for {}", told.reason)));
                }
            }
            "gone" if self.dead.contains(&target.subscription) => {}
            "gone" => breaches.push(breach(&format!("gone for {}, and its phone is there", told.reason))),
            "withdrawn" if sent.withdrawn => {}
            "replaced" if self.has_a_successor(sent, target) => {}
            "expired" => {
                self.judge_expiry(sent, arrivals, breach("expired without an offer"), figures, breaches);
            }
            other => breaches.push(breach(&format!("{other}, and nobody asked for it"))),
        }
        if let Some(arrival) = arrivals.iter().find(|arrival| self.was_told(arrival)) {
            let (outcome, at) = (&told.outcome, arrival.at_ms);
            breaches.push(breach(&format!("{outcome}, and the push service said at {at} that it took it")));
        }
    }

    /// The answer that counts: the last one, or, where the relay forgot what it had just told, that.
    fn last_word<'a>(&self, sent: &'a Sent, figures: &mut Figures) -> Option<&'a Answered> {
        let (last, earlier) = sent.told.split_last()?;
        if last.targets.is_empty()
            && let Some(told) = earlier.iter().rfind(|answered| self.may_be_forgotten(answered))
        {
            figures.forgotten += 1;
            return Some(told);
        }
        Some(last)
    }

    /// Whether an answer before the last one knew of no such notification, and had no right to have forgotten it.
    fn was_denied(&self, sent: &Sent) -> bool {
        let before_the_last = sent.told.len().saturating_sub(1);
        let denied = sent.told[..before_the_last].iter().position(|answered| answered.targets.is_empty());
        denied.is_some_and(|place| !sent.told[..place].iter().any(|earlier| self.may_be_forgotten(earlier)))
    }

    /// Whether an answer said how all of it ended, and the process died before that was written: with `wait: true`
    /// outcomes are kept after the answer.
    fn may_be_forgotten(&self, answered: &Answered) -> bool {
        answered.is_decided() && self.was_killed(answered.at_ms, answered.at_ms + KEPT_WITHIN_MS)
    }

    /// What expired was offered before, or could not be.
    fn judge_expiry(
        &self,
        sent: &Sent,
        arrivals: &[Arrival],
        breach: String,
        figures: &mut Figures,
        breaches: &mut Vec<String>,
    ) {
        let (from, end) = (sent.began_ms, sent.end_ms());
        if !arrivals.is_empty() {
            figures.expired_offered += 1;
        } else if self.was_down(from, end) {
            figures.expired_relay_down += 1;
        } else if self.failed(from, end) {
            figures.expired_push_service_failing += 1;
        } else {
            figures.lost += 1;
            breaches.push(breach);
        }
    }

    /// Clause 4: nothing after its end.
    fn judge_times(sent: &Sent, target: &Target, arrivals: &[Arrival], judgement: &mut Judgement) {
        for arrival in arrivals {
            let end = arrival.expiration.map_or(u64::MAX, |seconds| (seconds + 1) * 1_000);
            let end = end.min(sent.end_ms());
            let late = arrival.at_ms.saturating_sub(end);
            judgement.figures.latest_ms = judgement.figures.latest_ms.max(late);
            if late > SLACK_MS {
                judgement.figures.late += 1;
                let (id, to) = (&sent.id, &target.subscription);
                judgement.breaches.push(format!("{id} to {to}: sent {late} ms after its end"));
            }
        }
    }

    /// Clause 5: what came twice has one delivery id, and a reason.
    fn judge_duplicates(
        &self,
        sent: &Sent,
        target: &Target,
        arrivals: &[Arrival],
        judgement: &mut Judgement,
    ) {
        let Judgement { figures, breaches } = judgement;
        let breach = |what: &str| format!("{} to {}: {what}", sent.id, target.subscription);
        if arrivals.iter().any(|arrival| arrival.delivery != arrivals[0].delivery) {
            breaches.push(breach("its pushes have more than one delivery id"));
        }
        let taken: Vec<_> = arrivals.iter().filter(|arrival| arrival.is_taken()).collect();
        for pair in taken.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            figures.duplicates += 1;
            if first.answer_lost {
                figures.after_lost_answer += 1;
            } else if self.was_broken(first, second.at_ms) {
                figures.after_broken_connection += 1;
            } else if self.was_killed(first.at_ms, second.at_ms) {
                figures.after_kill += 1;
            } else if self.was_down(first.at_ms, second.at_ms) {
                figures.after_stop += 1;
            } else {
                figures.unexplained += 1;
                breaches.push(breach(&format!("it came at {} and at {}", first.at_ms, second.at_ms)));
            }
        }
    }

    /// Whether the relay must have learned that the push service took it.
    fn was_told(&self, arrival: &Arrival) -> bool {
        let until = arrival.at_ms + ON_ITS_WAY_MS;
        arrival.is_taken()
            && !arrival.answer_lost
            && !self.was_broken(arrival, until)
            && !self.was_down(arrival.at_ms, until)
    }

    fn was_broken(&self, arrival: &Arrival, until_ms: u64) -> bool {
        let since = arrival.at_ms;
        self.broken.iter().any(|broken| {
            broken.connection == arrival.connection && (since..=until_ms).contains(&broken.at_ms)
        })
    }

    /// Whether push services were made to fail then, or shortly before.
    fn failed(&self, from_ms: u64, to_ms: u64) -> bool {
        self.faults.iter().any(|at| *at <= to_ms && at + FAULT_LASTS_MS >= from_ms)
    }

    fn was_killed(&self, from_ms: u64, to_ms: u64) -> bool {
        self.downs.iter().any(|down| down.killed && down.overlaps(from_ms, to_ms))
    }

    fn was_down(&self, from_ms: u64, to_ms: u64) -> bool {
        self.downs.iter().any(|down| down.overlaps(from_ms, to_ms))
    }

    /// Whether a notification of the same sender could take its place.
    fn has_a_successor(&self, sent: &Sent, target: &Target) -> bool {
        self.books.iter().any(|other| {
            other.sender == sent.sender
                && other.id != sent.id
                && other.collapse_key.is_some()
                && other.collapse_key == sent.collapse_key
                && other.targets.iter().any(|theirs| theirs.subscription == target.subscription)
        })
    }
}

/// The one outcome of a target, by an answer.
fn outcome<'a>(sent: &Sent, target: &Target, answered: &'a Answered) -> Option<&'a Told> {
    let of_target = answered.targets.iter().filter(|told| told.subscription == target.subscription);
    match of_target.collect::<Vec<_>>().as_slice() {
        [one] if answered.targets.len() == sent.targets.len() => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notification to one phone, accepted at 1,000, that lives for a minute, and what it was told.
    fn sent(told: &[&str]) -> Sent {
        let told = told.iter().map(|outcome| {
            let (subscription, reason) = ("phone".to_owned(), String::new());
            let target = Told { subscription, outcome: (*outcome).to_owned(), reason };
            Answered { at_ms: 10_000, targets: vec![target] }
        });
        let target = Target { subscription: "phone".to_owned(), mark: "mark".to_owned() };
        let (began_ms, accepted_ms) = (900, Some(1_000));
        Sent {
            ttl: 60,
            began_ms,
            accepted_ms,
            targets: vec![target],
            told: told.collect(),
            ..Sent::default()
        }
    }

    fn taken(at_ms: u64) -> Arrival {
        Arrival { delivery: "one".to_owned(), at_ms, status: Some(200), connection: 1, ..Arrival::default() }
    }

    fn evidence(told: &[&str], arrivals: Vec<Arrival>) -> Evidence {
        let arrivals = Arrivals::of([("mark", arrivals)]);
        Evidence { books: vec![sent(told)], arrivals, ..Evidence::default() }
    }

    fn breaches(evidence: &Evidence) -> usize {
        evidence.judge().breaches.len()
    }

    #[test]
    fn what_was_accepted_and_came_once_is_as_promised() {
        let judgement = evidence(&["pending", "accepted"], vec![taken(2_000)]).judge();
        assert_eq!((judgement.breaches, judgement.figures.lost), (Vec::new(), 0));
    }

    #[test]
    fn what_is_nowhere_is_lost() {
        for told in [&["accepted"][..], &["pending"], &["pending", "expired"], &[]] {
            let judgement = evidence(told, Vec::new()).judge();
            assert_eq!((judgement.breaches.len(), judgement.figures.lost), (1, 1), "{told:?}");
        }
    }

    #[test]
    fn an_outcome_that_changes_or_is_not_true_is_a_breach() {
        assert_eq!(breaches(&evidence(&["expired", "accepted"], vec![taken(2_000)])), 1);
        assert_eq!(breaches(&evidence(&["expired"], vec![taken(2_000)])), 1);
        for uncalled in ["withdrawn", "replaced", "gone", "rejected"] {
            assert_eq!(breaches(&evidence(&[uncalled], Vec::new())), 1, "{uncalled}");
        }
    }

    #[test]
    fn only_a_process_that_was_killed_may_forget_what_it_told() {
        let mut forgotten = evidence(&["accepted", "nothing"], vec![taken(2_000)]);
        forgotten.books[0].told[1].targets.clear();
        assert_eq!(breaches(&forgotten), 1);

        forgotten.downs = vec![Down { from_ms: 10_500, to_ms: 11_000, killed: false }];
        assert_eq!(breaches(&forgotten), 1);
        forgotten.downs[0].killed = true;

        let judgement = forgotten.judge();
        assert_eq!((judgement.breaches, judgement.figures.forgotten), (Vec::new(), 1));
    }

    #[test]
    fn only_what_may_be_forgotten_may_be_denied() {
        let mut denied = evidence(&["accepted", "nothing", "accepted"], vec![taken(2_000)]);
        denied.books[0].told[1].targets.clear();
        assert_eq!(breaches(&denied), 1);

        denied.downs = vec![Down { from_ms: 10_500, to_ms: 11_000, killed: true }];

        assert_eq!(breaches(&denied), 0);
    }

    #[test]
    fn what_is_rejected_needs_a_fault() {
        let mut rejected = evidence(&["rejected"], Vec::new());
        rejected.books[0].told[0].targets[0].reason = "answer_unknown".to_owned();
        assert_eq!(breaches(&rejected), 1);

        rejected.faults = vec![2_000];

        assert_eq!(breaches(&rejected), 0);
        rejected.books[0].told[0].targets[0].reason = "unreadable".to_owned();
        assert_eq!(breaches(&rejected), 1);
    }

    #[test]
    fn what_expired_without_an_offer_needs_a_reason() {
        let mut down = evidence(&["expired"], Vec::new());
        down.downs = vec![Down { from_ms: 50_000, to_ms: 60_500, killed: false }];
        let mut failing = evidence(&["expired"], Vec::new());
        failing.faults = vec![2_000];
        assert_eq!((breaches(&down), breaches(&failing)), (0, 0));
        down.downs[0] = Down { from_ms: 100, to_ms: 800, killed: true };
        failing.faults[0] = 70_000;
        assert_eq!((breaches(&down), breaches(&failing)), (1, 1));
    }

    #[test]
    fn nothing_may_come_after_its_end() {
        assert_eq!(breaches(&evidence(&["accepted"], vec![taken(61_000 + SLACK_MS)])), 0);
        assert_eq!(breaches(&evidence(&["accepted"], vec![taken(61_001 + SLACK_MS)])), 1);
        let early = Arrival { expiration: Some(30), ..taken(31_001 + SLACK_MS) };
        assert_eq!(breaches(&evidence(&["accepted"], vec![early])), 1);
    }

    #[test]
    fn a_duplicate_needs_a_reason_and_the_same_delivery_id() {
        let twice = || vec![taken(2_000), taken(9_000)];
        assert_eq!(breaches(&evidence(&["accepted"], twice())), 1);
        let lost = vec![Arrival { answer_lost: true, ..taken(2_000) }, taken(9_000)];
        assert_eq!(breaches(&evidence(&["accepted"], lost)), 0);
        let mut killed = evidence(&["accepted"], twice());
        killed.downs = vec![Down { from_ms: 1_990, to_ms: 3_000, killed: true }];
        let mut broken = evidence(&["accepted"], twice());
        broken.broken = vec![BrokenConnection { connection: 1, at_ms: 2_500 }];
        assert_eq!((breaches(&killed), breaches(&broken)), (0, 0));
        broken.broken[0].connection = 2;
        assert_eq!(breaches(&broken), 1);
        let other = vec![
            Arrival { answer_lost: true, ..taken(2_000) },
            Arrival { delivery: "two".to_owned(), ..taken(9_000) },
        ];
        assert_eq!(breaches(&evidence(&["accepted"], other)), 1);
    }
}
