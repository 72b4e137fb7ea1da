//! Submit: from a [`Submission`] to a notification that is promised, or decided.
//!
//! `wait: true` writes nothing before the first attempt; what is undecided when the wait ends becomes durable.
//! `wait: false` is answered only when the notification is durable. Must not push: deliveries go to the queue
//! of leases. Read next: `admit.rs` for the forms, `wait.rs` for the wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::admit::{Admission, Admitted};
use super::answer::{Answer, answer, still_waits};
use super::call_offs::{Place, Places, Taken, place};
use super::keeper::{Keeper, Keeping};
use super::outbox_bounds::{Full, OutboxBounds};
use super::running::{Entered, Running, Turn};
use super::wait::{self, Undecided, Waited};
use super::{RateLimits, Submission, SubmitError};
use crate::base::{Clock, Live, UnixMillis, to_the_end};
use crate::model::{
    Apps, CalledOff, ContentPolicy, Delivery, Form, Lease, LeaseQueue, Notification, PushService, SenderId,
    SubscriptionId, TargetOutcome,
};
use crate::privacy::Pseudonyms;
use crate::storage::{
    CallOff, EndedDelivery, Enqueued, Finished, Found, Outbox, Promise, Registrations, Sharing, Storage,
    Waiting,
};
use crate::telemetry::Metrics;

/// What the operator allows.
#[derive(Debug, Clone, Copy)]
pub struct SubmitLimits {
    /// How long `wait: true` waits.
    pub wait: Duration,
    /// How long outcomes are kept; zero: not at all.
    pub keep_outcomes: Duration,
    /// How long a delivery that was just made durable belongs to this process.
    pub lease: Duration,
    /// How much may wait.
    pub outbox: OutboxBounds,
    /// The operator's content policy.
    pub content_policy: ContentPolicy,
}

/// Takes submissions.
pub struct Submit {
    outbox: Arc<dyn Outbox>,
    registrations: Arc<dyn Registrations>,
    sharing: Arc<dyn Sharing>,
    admission: Admission,
    queue: LeaseQueue,
    keeper: mpsc::Sender<Keeping>,
    running: Arc<Running>,
    places: Arc<Places>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    limits: Live<SubmitLimits>,
    /// Whether the outbox of all was full, and had no air since.
    full: AtomicBool,
}

impl Submit {
    /// Takes submissions for these apps; deliveries go into `queue`, and what is written after the answer to
    /// the keeper. `limits`: what the operator allows, and how often.
    #[must_use]
    pub fn new(
        store: &Storage,
        apps: Live<Apps>,
        pseudonyms: Arc<Pseudonyms>,
        queue: LeaseQueue,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        limits: (Live<SubmitLimits>, Arc<RateLimits>),
    ) -> (Arc<Self>, Keeper) {
        let (limits, rates) = limits;
        let (keeper, keepings) = Keeper::new(store, Arc::clone(&clock), limits.get().keep_outcomes);
        let admission = Admission { apps, limits: limits.clone(), pseudonyms, rates };
        let submit = Self {
            outbox: Arc::clone(&store.outbox),
            registrations: Arc::clone(&store.registrations),
            sharing: Arc::clone(&store.sharing),
            admission,
            queue,
            keeper: keepings,
            running: Arc::default(),
            places: Arc::default(),
            clock,
            metrics,
            limits,
            full: AtomicBool::new(false),
        };
        (Arc::new(submit), keeper)
    }

    /// The submissions that run now.
    pub(super) fn running(&self) -> &Arc<Running> {
        &self.running
    }

    /// The keyed hash of a request's body, by which a repeated id is told from a reused one.
    #[must_use]
    pub fn body_hash(&self, body: &[u8]) -> [u8; 32] {
        self.admission.pseudonyms.body_hash(body)
    }

    /// Whether so many more deliveries of a sender's may wait. Asked before a body is read, and again when it is known.
    pub fn check_room(&self, sender: SenderId, deliveries: usize) -> Result<(), SubmitError> {
        let (bounds, (own, all)) = (self.limits.get().outbox, self.outbox.load(sender));
        let room = bounds.check((own, all), deliveries);
        if room == Err(Full::Relay) && !self.full.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "the outbox is full: senders are told to come back; `sealpush outbox` says what waits"
            );
        } else if self.full.load(Ordering::Relaxed)
            && bounds.have_air(all)
            && self.full.swap(false, Ordering::Relaxed)
        {
            tracing::info!("the outbox has room again");
        }
        room.map_err(SubmitError::OutboxFull)
    }

    /// Takes a submission. A second copy joins the first, or gets its stored answer.
    ///
    /// What has begun goes on when whoever waits here goes away: a sender that hung up repeats its request, and
    /// must find the outcomes of what was pushed already.
    pub async fn submit(self: &Arc<Self>, submission: Submission) -> Result<Arc<Answer>, SubmitError> {
        let key = (submission.sender.id, submission.id);
        loop {
            match self.running.enter(key, submission.body_hash) {
                Entered::First(turn) => {
                    // The keeper, for which a stopping relay waits, outlives it.
                    let submit = Arc::clone(self);
                    return to_the_end(async move { submit.run(submission, turn).await }).await;
                }
                Entered::OtherBody => return Err(SubmitError::IdReused),
                Entered::Runs(joined) => {
                    if let Some(answer) = joined.answer().await {
                        return Ok(answer);
                    }
                }
            }
        }
    }

    async fn run(&self, submission: Submission, turn: Turn) -> Result<Arc<Answer>, SubmitError> {
        let started = Instant::now();
        let sender = submission.sender.id;
        let subscriptions: Vec<SubscriptionId> =
            submission.targets.iter().map(|target| target.subscription).collect();
        // Both at once: a sender waits for one query instead of two, and each is asked for more callers together.
        let (stored, reaches) =
            tokio::try_join!(self.stored(&submission), self.reaches(sender, &subscriptions))?;
        if let Some(answer) = stored {
            return Ok(answer);
        }
        self.check_room(sender, submission.targets.len())?;
        self.admission.rates.targets_of(sender, submission.targets.len())?;
        let now = self.clock.now();
        let notification = Notification {
            sender,
            id: submission.id,
            body_hash: submission.body_hash,
            accepted_at: now,
            keep_until: now.plus(self.limits.get().keep_outcomes),
        };
        let wait_for_outcomes = submission.wait;
        let admitted = self.admission.admit(submission, reaches, now).await?;
        self.metrics.admission(started.elapsed().as_secs_f64());
        for form in Form::ALL {
            let count = admitted.deliveries.iter().filter(|delivery| delivery.payload.form() == form).count();
            if count > 0 {
                self.metrics.targets(form, count as u64);
            }
        }
        if wait_for_outcomes {
            self.attempt_then_keep(notification, admitted, turn).await
        } else {
            self.promise_then_attempt(notification, admitted, turn).await
        }
    }

    async fn reaches(
        &self,
        sender: SenderId,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Found>, SubmitError> {
        Ok(self.registrations.reach(sender, subscriptions).await?)
    }

    /// The answer to an earlier copy of this submission, where its outcomes are still kept or it waits.
    async fn stored(&self, submission: &Submission) -> Result<Option<Arc<Answer>>, SubmitError> {
        match self.outbox.known(submission.sender.id, submission.id).await? {
            None => Ok(None),
            Some(state) if state.body_hash != submission.body_hash => Err(SubmitError::IdReused),
            Some(state) => {
                Ok(Some(Arc::new(Answer { id: submission.id, state, promised: !submission.wait })))
            }
        }
    }

    async fn attempt_then_keep(
        &self,
        notification: Notification,
        admitted: Admitted,
        turn: Turn,
    ) -> Result<Arc<Answer>, SubmitError> {
        let Admitted { deliveries, ended: mut decided } = admitted;
        let taken = self.take_places(&deliveries).await?;
        let mut undecided = Vec::new();
        let waiting =
            wait::Waiting { queue: &self.queue, under_way: self.outbox.under_way(), clock: &*self.clock };
        let deliveries = deliveries.into_iter().map(|delivery| {
            let call_off = taken.call_off(&delivery, turn.withdrawn());
            (delivery, call_off)
        });
        for waited in waiting.wait(deliveries, self.limits.get().wait).await {
            match waited {
                Waited::Decided(push_service, outcome) => {
                    self.count(notification.sender, push_service, &outcome);
                    decided.push(outcome);
                }
                Waited::Undecided(one) => undecided.push(one),
            }
        }
        if !undecided.is_empty() {
            // What became durable is replaced there; until then its places are held.
            let answer = self.make_durable(&notification, decided, undecided, &turn).await;
            drop(taken);
            return answer;
        }
        drop(taken);
        let answer = answer(&notification, decided, &[], false);
        turn.publish(&answer);
        if !self.limits.get().keep_outcomes.is_zero() {
            let finished = Finished { outcomes: answer.state.decided.clone(), notification };
            // The keeper ends only after every door: there is always someone to take it.
            let _ = self.keeper.send(Keeping::Finished(finished, turn)).await;
        }
        Ok(answer)
    }

    /// Has these deliveries take the place of what waits with the same collapse keys, in the outbox and in memory.
    async fn take_places(&self, deliveries: &[Arc<Delivery>]) -> Result<Taken, SubmitError> {
        let places = places(deliveries);
        if !places.is_empty() {
            let (which, now) = (CallOff::Collapse(&places), self.clock.now());
            let keep_until = now.plus(self.limits.get().keep_outcomes);
            self.outbox.call_off(&which, CalledOff::Replaced, now, keep_until).await?;
        }
        Ok(self.places.take(&places))
    }

    /// Calls off what became durable while a newer one took its place: that one found no row to end.
    async fn call_off_replaced(&self, notification: &Notification, undecided: &[Undecided]) {
        let replaced: Vec<SubscriptionId> = undecided
            .iter()
            .filter(|one| one.call_off.is_replaced())
            .map(|one| one.delivery.reach.subscription)
            .collect();
        if replaced.is_empty() {
            return;
        }
        let (sender, id) = (notification.sender, notification.id);
        let which = CallOff::Notification { sender, id, targets: Some(&replaced) };
        let now = self.clock.now();
        let keep_until = notification.keep_until.max(now);
        if let Err(error) = self.outbox.call_off(&which, CalledOff::Replaced, now, keep_until).await {
            tracing::error!(%error, "what a newer notification replaced could not be ended; it goes out too");
        }
    }

    /// The wait is over: what is undecided goes to the outbox, also where an attempt is under way.
    async fn make_durable(
        &self,
        notification: &Notification,
        mut decided: Vec<TargetOutcome>,
        mut undecided: Vec<Undecided>,
        turn: &Turn,
    ) -> Result<Arc<Answer>, SubmitError> {
        let leased_until = self.clock.now().plus(self.limits.get().lease);
        let waiting: Vec<Waiting<'_>> = undecided
            .iter()
            .map(|one| Waiting {
                delivery: &one.delivery,
                due: one.due,
                attempts: one.attempts,
                answers_lost: one.answers_lost,
                leased_until: one.under_way.is_some().then_some(leased_until),
            })
            .collect();
        let ended = match self.promise(notification, &decided, &waiting, false).await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "what was undecided at the end of a wait could not be made durable");
                return Err(SubmitError::NotKept);
            }
        };
        undecided.retain(|one| self.still_waits(notification, &one.delivery, &ended, &mut decided));
        self.call_off_replaced(notification, &undecided).await;
        let pending: Vec<&Delivery> = undecided.iter().map(|one| &*one.delivery).collect();
        let answer = answer(notification, decided, &pending, false);
        turn.publish(&answer);
        for Undecided { delivery, under_way, .. } in undecided {
            if let Some(way_back) = under_way {
                let _ = self.keeper.send(Keeping::Adopted { delivery, way_back }).await;
            }
        }
        Ok(answer)
    }

    async fn promise_then_attempt(
        &self,
        notification: Notification,
        Admitted { mut deliveries, ended: mut decided }: Admitted,
        turn: Turn,
    ) -> Result<Arc<Answer>, SubmitError> {
        let now = self.clock.now();
        // Born leased where memory has room: then no query has to find the rows again.
        let room = self.queue.room(notification.sender, deliveries.len());
        let leased_until: Option<UnixMillis> = room.as_ref().map(|_| now.plus(self.limits.get().lease));
        let waiting: Vec<Waiting<'_>> = deliveries
            .iter()
            .map(|delivery| Waiting { delivery, due: now, attempts: 0, answers_lost: 0, leased_until })
            .collect();
        self.places.clear(&places(&deliveries));
        let ended = self.promise(&notification, &decided, &waiting, true).await?;
        drop(waiting);
        deliveries.retain(|delivery| self.still_waits(&notification, delivery, &ended, &mut decided));
        let pending: Vec<&Delivery> = deliveries.iter().map(|delivery| &**delivery).collect();
        let answer = answer(&notification, decided, &pending, true);
        turn.publish(&answer);
        if let Some(room) = room {
            let lease = |delivery| Lease { delivery, attempts: 0, answers_lost: 0, ticket: None };
            room.fill(deliveries.into_iter().map(lease));
        }
        Ok(answer)
    }

    /// Whether `delivery` waits after the promise; where it does not, its outcome is added to `decided`.
    fn still_waits(
        &self,
        notification: &Notification,
        delivery: &Delivery,
        ended: &[SubscriptionId],
        decided: &mut Vec<TargetOutcome>,
    ) -> bool {
        let waits = still_waits(notification, delivery, ended, decided);
        if let Some(outcome) = decided.last().filter(|_| !waits) {
            self.count(notification.sender, delivery.reach.push_service, outcome);
        }
        waits
    }

    /// Counts a delivery that ended without a row in the outbox, where its sender shares that; of the others the store
    /// knows.
    fn count(&self, sender: SenderId, push_service: PushService, outcome: &TargetOutcome) {
        self.sharing.recorder().deliveries(&[EndedDelivery::of(sender, push_service, outcome)]);
    }

    /// Makes a notification durable. Returns the subscriptions that ended since they were looked up.
    async fn promise(
        &self,
        notification: &Notification,
        decided: &[TargetOutcome],
        waiting: &[Waiting<'_>],
        replaces: bool,
    ) -> Result<Vec<SubscriptionId>, SubmitError> {
        match self.outbox.promise(&Promise { notification, decided, waiting, replaces }).await? {
            Enqueued::Done { ended } => Ok(ended),
            // Another copy came through another process after we looked: the sender repeats, and finds it.
            Enqueued::Exists => Err(SubmitError::NotKept),
        }
    }
}

/// The places of the deliveries that have a collapse key.
fn places(deliveries: &[Arc<Delivery>]) -> Vec<Place> {
    deliveries.iter().filter_map(|delivery| place(delivery)).collect()
}
