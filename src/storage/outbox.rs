//! The narrow trait of the outbox: what was promised and is not decided, and how it ended.

use std::time::Duration;

use async_trait::async_trait;

use super::{StorageError, Used};
use crate::base::UnixMillis;
use crate::model::{
    AppId, CalledOff, CollapseHash, Delivery, DeliveryId, DeviceToken, Form, Lease, Notification,
    NotificationId, NotificationState, PushWay, SenderId, Settlement, SubscriptionId, TargetOutcome,
    UnderWay,
};

/// A notification with what of it must be durable before it is promised.
pub struct Promise<'a> {
    /// The notification.
    pub notification: &'a Notification,
    /// Targets that ended already.
    pub decided: &'a [TargetOutcome],
    /// Deliveries that wait.
    pub waiting: &'a [Waiting<'a>],
    /// Whether it takes the place of what waits with the same collapse keys. One that did so already, when it was
    /// accepted, does not do it again: what came since is newer.
    pub replaces: bool,
}

/// A delivery that waits.
pub struct Waiting<'a> {
    /// The delivery.
    pub delivery: &'a Delivery,
    /// When it may be attempted.
    pub due: UnixMillis,
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts so far whose answer was lost.
    pub answers_lost: u32,
    /// Until when it belongs to this process; `None`: to whoever leases it first.
    pub leased_until: Option<UnixMillis>,
}

/// What came of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enqueued {
    /// It is on stable storage.
    Done {
        /// What waited for these had ended already, `gone` (`subscription_ended`), and must not be attempted.
        ended: Vec<SubscriptionId>,
    },
    /// This sender's notification with this id is there already; nothing was written.
    Exists,
}

/// A notification of which nothing waits any more, and nothing was written: its outcomes, to be kept.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The notification.
    pub notification: Notification,
    /// How each target ended.
    pub outcomes: Vec<TargetOutcome>,
}

/// What follows from an attempt of a delivery whose row stands in the outbox.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its sender.
    pub sender: SenderId,
    /// Its notification.
    pub notification: NotificationId,
    /// Its target.
    pub subscription: SubscriptionId,
    /// The form in which it went out, or would have.
    pub form: Form,
    /// What follows. Ignored where the delivery ended meanwhile (its subscription was removed): it has one outcome;
    /// and where it is postponed after no more attempts than the store knows of: that was written before. A
    /// postponed one that was called off while it was under way ends by that.
    pub settlement: Settlement,
}

impl Settled {
    /// That `settlement` follows for this delivery.
    #[must_use]
    pub fn of(delivery: &Delivery, settlement: Settlement) -> Self {
        Self {
            delivery: delivery.id,
            sender: delivery.reach.sender,
            notification: delivery.notification,
            subscription: delivery.reach.subscription,
            form: delivery.payload.form(),
            settlement,
        }
    }
}

/// A device token that its push service calls dead.
#[derive(Debug, Clone)]
pub struct DeadToken {
    /// The app under which it is registered.
    pub app: AppId,
    /// The token.
    pub device_token: DeviceToken,
    /// When it died: what was registered, replaced or confirmed since is alive.
    pub since: UnixMillis,
}

/// All that followed from some attempts.
#[derive(Debug, Default)]
pub struct SettledBatch {
    /// What became of deliveries whose rows stand in the outbox.
    pub settled: Vec<Settled>,
    /// What push services accepted: day last accepted, whether used, environment.
    pub used: Vec<Used>,
    /// Every registration that holds one of these is retired, and what waits for its subscriptions ends `gone`
    /// (`subscription_ended`).
    pub dead: Vec<DeadToken>,
}

/// A lane of the outbox: what one sender has waiting for one way to a push service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// The sender.
    pub sender: SenderId,
    /// The way.
    pub way: PushWay,
}

/// How many deliveries may be leased from a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneShare {
    /// The lane.
    pub lane: Lane,
    /// At most so many.
    pub most: u32,
    /// Of all lanes of this way together no more than one.
    pub one_of_way: bool,
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Deliveries.
    pub deliveries: u64,
    /// The bytes that they take in the store, about.
    pub bytes: u64,
}

impl Load {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { deliveries: self.deliveries + other.deliveries, bytes: self.bytes + other.bytes }
    }

    /// What is left without `other`.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            deliveries: self.deliveries.saturating_sub(other.deliveries),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

/// What waits for one push service of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingGroup {
    /// The way to it.
    pub way: PushWay,
    /// How many deliveries.
    pub waiting: u64,
    /// The bytes of their payloads, about: of content that several share, each counts half of the longest.
    pub payload_bytes: u64,
    /// How many of them are leased.
    pub leased: u64,
    /// How many of the others are due.
    pub due: u64,
    /// How many were tried before.
    pub tried: u64,
    /// How many are younger than a minute, an hour, a day, and older; each counts once.
    pub ages: [u64; 4],
    /// When the oldest was accepted.
    pub oldest: UnixMillis,
    /// When the next is due of those that are not leased.
    pub next_due: Option<UnixMillis>,
}

impl WaitingGroup {
    /// Nothing waits.
    #[must_use]
    pub fn none(way: PushWay) -> Self {
        Self {
            way,
            waiting: 0,
            payload_bytes: 0,
            leased: 0,
            due: 0,
            tried: 0,
            ages: [0; 4],
            oldest: UnixMillis(i64::MAX),
            next_due: None,
        }
    }
}

/// A notification that is known already.
pub type Known = NotificationState;

/// What waits and is not to be sent any more.
#[derive(Debug, Clone, Copy)]
pub enum CallOff<'a> {
    /// One notification's deliveries; of them only those to `targets`, where it names any.
    Notification {
        /// Its sender.
        sender: SenderId,
        /// Its id.
        id: NotificationId,
        /// Some of its targets; `None`: all.
        targets: Option<&'a [SubscriptionId]>,
    },
    /// Every delivery to one of these subscriptions with this collapse key.
    Collapse(&'a [(SubscriptionId, CollapseHash)]),
}

/// The outbox and the outcomes.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Makes a notification durable: when this returns `Done`, it survives a crash. What waits for a
    /// subscription or sender that ended meanwhile ends `gone` (`subscription_ended`) at once, at the time at
    /// which the notification was accepted. Of an erased sender nothing is written, and all of it ended. Where it
    /// `replaces`, what waits with the same collapse key for the same subscription ends `replaced` in the same
    /// transaction; of promises that are written together, the last one stays.
    async fn promise(&self, promise: &Promise<'_>) -> Result<Enqueued, StorageError>;

    /// Ends what waits of `which`; says how many there were. What is under way ends as it ends, and is not tried
    /// again. The outcomes are kept until `keep_until` at least. Where nothing waits, nothing is written.
    async fn call_off(
        &self,
        which: &CallOff<'_>,
        why: CalledOff,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<u64, StorageError>;

    /// The deliveries that this process attempts now: by it, exactly one of an attempt and an end gets a delivery.
    fn under_way(&self) -> &UnderWay;

    /// Keeps the outcomes of notifications of which nothing waits. One transaction for all. A notification
    /// that exists already stays as it is, and of an erased sender nothing is kept.
    async fn finish(&self, finished: &[Finished]) -> Result<(), StorageError>;

    /// How many deliveries ended in the outbox without an attempt since the start, by outcome: from memory.
    fn ended_without_attempt(&self) -> Vec<(&'static str, u64)>;

    /// The lanes in which something waits, in their order: from memory, without a query.
    fn lanes(&self) -> Vec<Lane>;

    /// Takes up to `limit` deliveries that are due and belong to no one (or whose lease ran out), and leases them
    /// until `leased_until`: of each lane in `from` as many as it says, the first of each before the second of any; of a
    /// lane the urgent first, then by due time. Before them, and of every lane, what has come to its end: it ends
    /// `expired`. One whose subscription ended is never returned.
    async fn lease(
        &self,
        from: &[LaneShare],
        now: UnixMillis,
        leased_until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Lease>, StorageError>;

    /// Makes what is due after `now` due so much sooner: the clock was set back by that.
    async fn bring_forward(&self, now: UnixMillis, by: Duration) -> Result<(), StorageError>;

    /// Writes at `at` what followed from attempts, first for the deliveries and then for their registrations. One
    /// transaction for all. The outcomes of these notifications are kept until `keep_until` at least: how long they are
    /// kept counts from the last of them.
    async fn settle(
        &self,
        batch: &SettledBatch,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<(), StorageError>;

    /// Frees every lease: called once at start, when no other process can hold the database.
    async fn release_all(&self) -> Result<u64, StorageError>;

    /// What is known of a sender's notification. Concurrent calls share a query.
    async fn known(
        &self,
        sender: SenderId,
        notification: NotificationId,
    ) -> Result<Option<Known>, StorageError>;

    /// Erases outcomes whose time is over, of notifications of which nothing waits; at most `limit`. Returns
    /// how many.
    async fn forget(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError>;

    /// Whether the store can be written, as far as is known: after a write that failed, another is tried for
    /// this answer.
    async fn writable(&self) -> Result<(), StorageError>;

    /// How much waits of one sender, and of all: from memory, without a query.
    fn load(&self, sender: SenderId) -> (Load, Load);

    /// What waits, by app, push service and environment, in their order. It walks over all that waits.
    async fn groups(&self, now: UnixMillis) -> Result<Vec<WaitingGroup>, StorageError>;

    /// How much waits of all, and when the oldest of it was accepted, to some seconds.
    async fn depth(&self) -> Result<(Load, Option<UnixMillis>), StorageError>;
}
