//! What the model knows of one notification, and what must follow from it.

use std::collections::HashSet;

use push_simulator::Record;
use sealpush::base::UnixMillis;
use sealpush::model::{NotificationState, SubscriptionId};

use super::stage::Request;

/// One notification.
pub(super) struct Notice {
    pub(super) request: Request,
    pub(super) targets: Vec<Target>,
    /// When the relay was asked, each time.
    pub(super) begun: Vec<(usize, UnixMillis)>,
    /// The steps in which it was refused because the store failed.
    pub(super) refused: Vec<usize>,
    /// The latest that the clock ever was since.
    pub(super) latest: UnixMillis,
    pub(super) withdrawn: bool,
    /// All of it was told, and the process ended before that was written.
    pub(super) forgotten: bool,
    told_at: Option<usize>,
}

/// One of its targets.
#[derive(Debug)]
pub(super) struct Target {
    subscription: SubscriptionId,
    mark: String,
    pub(super) arrivals: Vec<Arrival>,
    /// How it ended, as was told first, and how many pushes had come then.
    ended: Option<(String, usize)>,
}

/// A push that came.
#[derive(Debug)]
pub(super) struct Arrival {
    step: usize,
    at: UnixMillis,
    delivery: String,
    connection: u64,
    status: Option<u16>,
    answer_lost: bool,
}

/// What else is known of a history.
pub(super) struct Seen<'a> {
    pub(super) broken: &'a HashSet<u64>,
    pub(super) deaths: &'a [usize],
    pub(super) ended: &'a HashSet<SubscriptionId>,
    /// Something was in the way of offers that no record shows.
    pub(super) excused: bool,
    /// The clock was set back: a token may have died before it was registered.
    pub(super) set_back: bool,
    pub(super) others: Vec<&'a Request>,
}

impl Notice {
    pub(super) fn new(request: Request) -> Self {
        let targets = request.targets.iter().map(|(subscription, mark)| Target {
            subscription: *subscription,
            mark: mark.clone(),
            arrivals: Vec::new(),
            ended: None,
        });
        Self {
            targets: targets.collect(),
            request,
            begun: Vec::new(),
            refused: Vec::new(),
            latest: UnixMillis(0),
            withdrawn: false,
            forgotten: false,
            told_at: None,
        }
    }

    /// The relay is asked. One that forgot it takes it for a new one.
    pub(super) fn begins(&mut self, step: usize, now: UnixMillis) {
        self.begun.push((step, now));
        self.latest = self.latest.max(now);
        if self.forgotten {
            self.forgotten = false;
            self.targets.iter_mut().for_each(|target| target.ended = None);
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.told_at.is_some()
    }

    /// Whether what was told must stand in the store.
    pub(super) fn is_owed(&self) -> bool {
        self.is_accepted() && !self.forgotten
    }

    pub(super) fn is_decided(&self) -> bool {
        self.targets.iter().all(Target::is_decided)
    }

    /// The target that a request at a push service is for.
    pub(super) fn place_of(&self, record: &Record) -> Option<usize> {
        self.targets.iter().position(|target| record.body.contains(&target.mark))
    }

    /// Takes in what the relay says: each target once, and no outcome that changes.
    pub(super) fn is_told(&mut self, step: usize, state: &NotificationState) {
        let id = self.request.id;
        self.told_at = Some(step);
        assert_eq!(state.decided.len() + state.pending.len(), self.targets.len(), "{id}: {state:?}");
        for target in &mut self.targets {
            let decided = state.decided.iter().find(|one| one.subscription == target.subscription);
            let pending = state.pending.iter().any(|(one, _)| *one == target.subscription);
            assert!(decided.is_some() != pending, "{id}: each target once: {state:?}");
            let outcome = decided.map(|one| format!("{:?}", one.outcome));
            match (&target.ended, outcome) {
                (Some((before, pushes)), now) => {
                    assert_eq!(Some(before), now.as_ref(), "{id} ended already");
                    assert_eq!(
                        *pushes,
                        target.arrivals.len(),
                        "{id} was {before}, and then it was sent: {target:?}"
                    );
                }
                (None, Some(outcome)) => target.ended = Some((outcome, target.arrivals.len())),
                (None, None) => {}
            }
        }
    }

    /// The relay knows nothing of it.
    pub(super) fn is_missing(&mut self, deaths: &[usize]) {
        let told_at = self.told_at.expect("it is accepted");
        let excuse = self.is_decided() && deaths.iter().any(|death| *death >= told_at);
        assert!(excuse, "{} is lost: {:?}", self.request.id, self.targets);
        self.forgotten = true;
    }

    /// What must hold in the end.
    pub(super) fn judge(&self, seen: &Seen<'_>) {
        assert!(
            self.is_accepted() && self.is_decided(),
            "{:?} is not decided: {:?}",
            self.request,
            self.targets
        );
        for target in &self.targets {
            self.judge_outcome(target, seen);
            self.judge_times(target);
            self.judge_duplicates(target, seen);
        }
    }

    fn judge_outcome(&self, target: &Target, seen: &Seen<'_>) {
        let (outcome, _) = target.ended.as_ref().expect("it is decided");
        let name = outcome.split(['(', ' ']).next().unwrap_or_default();
        let of =
            |what: &str| format!("{outcome}: {what}: {:?}, {target:?}, latest {}", self.request, self.latest);
        let taken = target.arrivals.iter().any(Arrival::is_taken);
        let heard =
            target.arrivals.iter().any(|arrival| arrival.was_heard(seen) && !self.was_refused(arrival.step));
        assert!(!heard || name == "Accepted", "{}", of("the push service said that it took it"));
        let lost = seen.excused || target.arrivals.iter().any(|arrival| arrival.answer_lost);
        let right = match name {
            "Accepted" => taken,
            "Gone" => seen.ended.contains(&target.subscription),
            "Expired" => {
                let refused = target.arrivals.iter().any(|arrival| !arrival.is_taken());
                let late = self.begun.iter().any(|(_, at)| self.latest >= self.end(*at));
                (late || refused || seen.excused) && (!target.arrivals.is_empty() || seen.excused)
            }
            "Rejected" if outcome.contains("answer_unknown") => lost,
            "Rejected" => target.arrivals.iter().any(|arrival| match arrival.status {
                Some(400) => true,
                Some(410) => seen.set_back,
                _ => false,
            }),
            "Withdrawn" => self.withdrawn,
            "Replaced" => seen.others.iter().any(|other| {
                let same = |one: &&(SubscriptionId, String)| one.0 == target.subscription;
                self.request.collapse_key.is_some()
                    && other.collapse_key == self.request.collapse_key
                    && other.targets.iter().any(|one| same(&one))
            }),
            _ => false,
        };
        assert!(right, "{}", of("nothing says so"));
    }

    /// From when on nothing of it may be sent, where the relay accepted it at `at`.
    fn end(&self, at: UnixMillis) -> UnixMillis {
        let life = if self.request.ttl == 0 { 10 } else { self.request.ttl };
        UnixMillis(at.0 + 1_000 * i64::try_from(life).unwrap())
    }

    fn judge_times(&self, target: &Target) {
        for arrival in &target.arrivals {
            let begun = self.begun.iter().filter(|(step, _)| *step <= arrival.step);
            let end = begun.map(|(_, at)| self.end(*at)).max();
            assert!(end.is_some_and(|end| arrival.at < end), "after its end: {:?}, {target:?}", self.request);
        }
    }

    fn judge_duplicates(&self, target: &Target, seen: &Seen<'_>) {
        let taken: Vec<_> = target.arrivals.iter().filter(|arrival| arrival.is_taken()).collect();
        for pair in taken.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            assert_eq!(first.delivery, second.delivery, "two delivery ids: {:?}, {target:?}", self.request);
            let between = |step: &usize| (first.step..=second.step).contains(step);
            let explained = first.answer_lost
                || seen.broken.contains(&first.connection)
                || seen.deaths.iter().any(between)
                || self.refused.iter().any(between);
            assert!(explained, "twice for no reason: {:?}, {target:?}", self.request);
        }
    }

    fn was_refused(&self, step: usize) -> bool {
        self.refused.contains(&step)
    }
}

impl Target {
    pub(super) fn is_decided(&self) -> bool {
        self.ended.is_some()
    }

    pub(super) fn arrive(&mut self, step: usize, record: &Record) {
        let body: serde_json::Value = serde_json::from_str(&record.body).unwrap();
        let content = if body["message"].is_object() { &body["message"]["data"] } else { &body };
        self.arrivals.push(Arrival {
            step,
            at: UnixMillis(i64::try_from(record.at_ms).unwrap()),
            delivery: content["delivery"].as_str().unwrap().to_owned(),
            connection: record.connection,
            status: record.status(),
            answer_lost: record.answer_lost,
        });
    }
}

impl Arrival {
    fn is_taken(&self) -> bool {
        self.status == Some(200)
    }

    /// Whether the relay must have learned that it was taken.
    fn was_heard(&self, seen: &Seen<'_>) -> bool {
        self.is_taken()
            && !self.answer_lost
            && !seen.broken.contains(&self.connection)
            && !seen.deaths.contains(&self.step)
    }
}
