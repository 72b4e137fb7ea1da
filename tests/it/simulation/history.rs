//! Lives through a history, and looks after each operation whether the promise holds.
//!
//! The model is small: of each target it knows what came to the push services, what its sender was told, and what was
//! in its way. What follows from that is compared with what the relay says. Read next: `notice.rs`.

use std::collections::HashSet;
use std::time::Duration;

use sealpush::base::UnixMillis;
use sealpush::intake::SubmitError;
use sealpush::model::SubscriptionId;

use super::notice::{Notice, Seen};
use super::operation::{Operation, Reply};
use super::stage::{Place, Request, Stage};

/// How often a sender repeats a request that is not taken.
const REPEATS: usize = 6;
/// The longest wait between two attempts, and some more.
const LONG_ENOUGH: Duration = Duration::from_mins(20);
/// So often: deliveries may be due hours later by a clock that was set back.
const ROUNDS: usize = 60;
/// What is not decided after so many rounds waits for a host that rests for a second.
const PATIENT_ROUNDS: usize = 4;
const HOST_RESTS: Duration = Duration::from_millis(100);

/// A history that is lived through.
struct History<'a> {
    stage: Stage<'a>,
    notices: Vec<Notice>,
    step: usize,
    suspended: bool,
    /// Subscriptions that ended, or were about to.
    ended: HashSet<SubscriptionId>,
    /// The steps in which a process ended.
    deaths: Vec<usize>,
    /// Connections break: what else is on them suffers too.
    breaks: bool,
    /// The clock was set back.
    set_back: bool,
}

/// Lives through `operations` at `place`.
pub(super) fn live_through(place: &Place, operations: &[Operation]) {
    let mut history = History {
        stage: Stage::new(place),
        notices: Vec::new(),
        step: 0,
        suspended: false,
        ended: HashSet::new(),
        deaths: Vec::new(),
        breaks: false,
        set_back: false,
    };
    for operation in operations {
        history.step += 1;
        history.perform(operation);
        history.come_to_rest();
        history.look();
    }
    history.come_to_an_end();
}

impl History<'_> {
    fn perform(&mut self, operation: &Operation) {
        match operation {
            Operation::Notify { phones, wait, ttl, collapse_key } if !self.suspended => {
                self.renew_phones();
                let phones: Vec<_> = phones.iter().map(|number| &self.stage.phones[*number]).collect();
                let mut request = Request::new(self.stage.now(), &phones, (*wait, *ttl));
                request.collapse_key = *collapse_key;
                self.notices.push(Notice::new(request));
                self.send(self.notices.len() - 1);
            }
            Operation::Repeat(number) if !self.suspended && !self.notices.is_empty() => {
                self.send(number % self.notices.len());
            }
            Operation::Withdraw(number) if !self.suspended && !self.notices.is_empty() => {
                self.withdraw(number % self.notices.len());
            }
            Operation::Answers { phone, reply, times } => {
                self.breaks |= matches!(reply, Reply::AnswerLost | Reply::Broken | Reply::NotProcessed);
                if *reply == Reply::Dead {
                    self.ended.insert(self.stage.phones[*phone].subscription);
                }
                self.stage.script(*phone, *reply, *times);
            }
            Operation::Advance(seconds) => self.move_clock(i64::from(*seconds)),
            Operation::SetBack(seconds) => {
                self.set_back = true;
                self.move_clock(-i64::from(*seconds));
            }
            Operation::Unsubscribe(phone) => {
                let subscription = self.stage.phones[*phone].subscription;
                self.ended.insert(subscription);
                self.stage.unsubscribe(subscription);
            }
            Operation::Suspend if !self.suspended => {
                self.suspended = true;
                self.ended.extend(self.stage.phones.iter().map(|phone| phone.subscription));
                self.stage.suspend();
            }
            Operation::Resume if self.suspended => {
                self.suspended = false;
                self.stage.resume();
            }
            Operation::Restart => self.restart(),
            Operation::Trouble(point, trouble) => self.stage.trouble(*point, *trouble),
            Operation::Notify { .. }
            | Operation::Repeat(_)
            | Operation::Withdraw(_)
            | Operation::Suspend
            | Operation::Resume => {}
        }
    }

    /// Subscribes phones anew whose subscription ended.
    fn renew_phones(&mut self) {
        for number in 0..self.stage.phones.len() {
            if !self.stage.is_subscribed(self.stage.phones[number].subscription) {
                self.stage.phones[number] = self.stage.subscribe(number);
            }
        }
    }

    /// Sends until it is taken, as a sender does.
    fn send(&mut self, number: usize) {
        for _ in 0..REPEATS {
            let now = self.stage.now();
            self.notices[number].begins(self.step, now);
            match self.stage.submit(&self.notices[number].request) {
                Some(Ok(answer)) => {
                    self.read();
                    return self.notices[number].is_told(self.step, &answer.state);
                }
                Some(Err(SubmitError::NotKept | SubmitError::Storage(_))) => {
                    self.notices[number].refused.push(self.step);
                }
                Some(Err(error)) => panic!("{error}"),
                None => self.restart(),
            }
        }
    }

    fn withdraw(&mut self, number: usize) {
        for _ in 0..REPEATS {
            self.notices[number].withdrawn = true;
            let id = self.notices[number].request.id;
            match self.stage.withdraw(id) {
                Some(Ok(_) | Err(sealpush::intake::WithdrawError::Missing)) => return,
                Some(Err(sealpush::intake::WithdrawError::Storage(_))) => {}
                None => self.restart(),
            }
        }
    }

    fn move_clock(&mut self, seconds: i64) {
        self.stage.set_clock(UnixMillis(self.stage.now().0 + 1_000 * seconds));
        let now = self.stage.now();
        for notice in &mut self.notices {
            notice.latest = notice.latest.max(now);
        }
    }

    fn restart(&mut self) {
        self.deaths.push(self.step);
        self.stage.restart();
    }

    fn come_to_rest(&mut self) {
        loop {
            let answered = self.notices.iter().filter(|notice| notice.is_owed());
            let answered: Vec<_> = answered.map(|notice| notice.request.id).collect();
            if self.stage.rests(&answered) {
                return self.read();
            }
            self.restart();
            // What was told, and not written, is forgotten with the process.
            self.look();
        }
    }

    /// Takes in what came to the push services.
    fn read(&mut self) {
        for record in self.stage.records() {
            let place = |notice: &Notice| notice.place_of(&record);
            if let Some((number, target)) =
                self.notices.iter().enumerate().find_map(|(number, one)| Some((number, place(one)?)))
            {
                self.notices[number].targets[target].arrive(self.step, &record);
            }
        }
    }

    /// Compares what the relay says of each notification with what was told of it before, and with what came.
    fn look(&mut self) {
        self.read();
        for number in 0..self.notices.len() {
            if !self.notices[number].is_accepted() || self.notices[number].forgotten {
                continue;
            }
            match self.stage.outcomes(self.notices[number].request.id) {
                Some(state) => {
                    self.notices[number].is_told(self.step, &state);
                    self.waits_for_a_reason(number);
                }
                None => self.notices[number].is_missing(&self.deaths),
            }
        }
    }

    /// What waits at rest waits for a reason.
    fn waits_for_a_reason(&self, number: usize) {
        let excused = self.breaks || self.stage.troubles.had() > 0 || !self.deaths.is_empty();
        let Notice { request, targets, .. } = &self.notices[number];
        for target in targets.iter().filter(|target| !target.is_decided() && !excused) {
            assert!(!target.arrivals.is_empty(), "{} waits for nothing: {target:?}", request.id);
        }
    }

    /// All is well from now on: everything is decided in time, and as it should be.
    fn come_to_an_end(&mut self) {
        self.step += 1;
        self.stage.troubles.forget();
        self.stage.clear_script();
        if self.suspended {
            self.suspended = false;
            self.stage.resume();
        }
        for number in 0..self.notices.len() {
            if !self.notices[number].is_accepted() {
                self.send(number);
            }
        }
        for round in 0..ROUNDS {
            self.come_to_rest();
            self.look();
            if self.notices.iter().all(Notice::is_decided) {
                break;
            }
            self.step += 1;
            self.move_clock(i64::try_from(LONG_ENOUGH.as_secs()).unwrap());
            if round >= PATIENT_ROUNDS {
                // A host to which no connection came about is left alone by the machine's own clock.
                std::thread::sleep(HOST_RESTS);
            }
        }
        let broken: HashSet<_> =
            self.stage.broken_connections().iter().map(|broken| broken.connection).collect();
        let excused = self.breaks || self.stage.troubles.had() > 0 || !self.deaths.is_empty();
        for (number, notice) in self.notices.iter().enumerate() {
            let newer = self.notices.iter().enumerate().filter(|(other, _)| *other != number);
            let seen = Seen {
                broken: &broken,
                deaths: &self.deaths,
                ended: &self.ended,
                excused,
                set_back: self.set_back,
                others: newer.map(|(_, other)| &other.request).collect(),
            };
            notice.judge(&seen);
        }
    }
}
