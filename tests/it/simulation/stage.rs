//! Where a history is lived through: push services, a clock, a sender, its phones, and one process after the other.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use push_simulator::{
    Clock as SimulatedClock, Effect, Environment as SimulatedEnvironment, FcmFailure, Rule, RuleTarget,
    Simulator, SimulatorConfig,
};
use sealpush::base::{Clock as _, ManualClock, OsEntropy, UnixMillis};
use sealpush::intake::{
    Answer, AuthenticatedSender, OutcomesError, Submission, SubmitError, SubmittedContent, SubmittedTarget,
    WithdrawError,
};
use sealpush::model::{
    ContentPolicy, CredentialId, DeliveryOptions, DeviceToken, Environment, Kind, NotificationId,
    NotificationState, PushService, SenderId, SubscriptionId, Ttl, Urgency,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::operation::{PHONES, Point, Reply, Trouble};
use super::process::Process;
use super::troubled_outbox::Troubles;
use crate::push_services::rig::{PROJECT, START, TOPIC};
use crate::storage::test_store;

/// What comes to rest does so sooner.
const PATIENCE: Duration = Duration::from_mins(1);

/// Push services and a clock, for as many histories as are lived through one after the other.
pub(super) struct Place {
    simulator: Simulator,
    clock: Arc<ManualClock>,
    /// Drives the push services.
    _driver: Runtime,
}

impl Place {
    pub(super) fn new() -> Self {
        let driver = Runtime::new().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let shared = Arc::clone(&clock);
        let config = SimulatorConfig {
            clock: SimulatedClock::from_fn(move || u64::try_from(shared.now().0).unwrap()),
            provider_token_gap_seconds: 0,
            apns_patience: 0,
            ..SimulatorConfig::default()
        };
        let simulator = driver.block_on(Simulator::start(config)).unwrap();
        Self { simulator, clock, _driver: driver }
    }
}

/// A phone as it is subscribed now.
#[derive(Debug, Clone)]
pub(super) struct Phone {
    pub(super) subscription: SubscriptionId,
    pub(super) token: String,
}

/// One request of the sender's, which it can repeat.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: NotificationId,
    pub(super) targets: Vec<(SubscriptionId, String)>,
    pub(super) wait: bool,
    pub(super) ttl: u64,
    pub(super) collapse_key: Option<u8>,
}

/// One history.
pub(super) struct Stage<'a> {
    pub(super) place: &'a Place,
    pub(super) troubles: Arc<Troubles>,
    pub(super) phones: Vec<Phone>,
    process: Option<Process>,
    sender: AuthenticatedSender,
    folder: TempDir,
}

impl<'a> Stage<'a> {
    pub(super) fn new(place: &'a Place) -> Self {
        place.simulator.clear_script();
        place.simulator.clear_records();
        let (folder, troubles) = (TempDir::new().unwrap(), Arc::new(Troubles::default()));
        let process = start(place, folder.path(), &troubles);
        let (sender, credential) = (test_store::sender(), test_store::new_credential());
        let entry = test_store::entry("sender.add");
        let added = process.store.senders.add(&sender, &credential, &entry);
        process.runtime.block_on(added).unwrap();
        let sender = authenticated(sender.id, credential.id);
        let mut stage = Self { place, troubles, phones: Vec::new(), process: Some(process), sender, folder };
        for number in 0..PHONES {
            let phone = stage.subscribe(number);
            stage.phones.push(phone);
        }
        stage
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("a process runs")
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.place.clock.now()
    }

    pub(super) fn set_clock(&self, now: UnixMillis) {
        self.place.clock.set(now);
    }

    /// A new token for the phone with this number, with a subscription.
    pub(super) fn subscribe(&self, number: usize) -> Phone {
        let simulator = &self.place.simulator;
        let (token, push_service) = match number % 2 {
            0 => (simulator.apns_device(TOPIC, SimulatedEnvironment::Production), PushService::Apns),
            _ => (simulator.fcm_device(PROJECT), PushService::Fcm),
        };
        let device_token = DeviceToken::parse(push_service, &token).unwrap();
        let mut registration = test_store::registration(&device_token);
        registration.environment = (push_service == PushService::Apns).then_some(Environment::Production);
        registration.registered_at = self.now();
        let subscription = test_store::new_subscription(self.sender.id, registration.id);
        let Process { runtime, store, .. } = self.process();
        runtime.block_on(store.registrations.register(&registration)).unwrap();
        runtime.block_on(store.registrations.subscribe(&subscription)).unwrap();
        Phone { subscription: subscription.id, token }
    }

    pub(super) fn unsubscribe(&self, subscription: SubscriptionId) {
        let Process { runtime, store, .. } = self.process();
        runtime.block_on(store.registrations.unsubscribe(subscription, self.now())).unwrap();
    }

    pub(super) fn is_subscribed(&self, subscription: SubscriptionId) -> bool {
        let Process { runtime, store, .. } = self.process();
        runtime.block_on(store.registrations.subscription(subscription)).unwrap().is_some()
    }

    pub(super) fn suspend(&self) {
        let Process { runtime, store, .. } = self.process();
        let entry = test_store::entry("sender.suspend");
        runtime.block_on(store.senders.suspend(self.sender.id, &entry)).unwrap();
    }

    pub(super) fn resume(&self) {
        let Process { runtime, store, .. } = self.process();
        let entry = test_store::entry("sender.resume");
        runtime.block_on(store.senders.resume(self.sender.id, &entry)).unwrap();
    }

    /// Has the next pushes to this phone answered so.
    pub(super) fn script(&self, phone: usize, reply: Reply, times: u32) {
        let target = RuleTarget::Device(self.phones[phone].token.clone());
        let is_apns = phone.is_multiple_of(2);
        let effect = match reply {
            Reply::Busy(seconds) => Effect::Answer {
                status: 429,
                headers: [("retry-after".to_owned(), seconds.to_string())].into(),
                body: String::new(),
            },
            Reply::Dead if is_apns => Effect::ApnsRefusal {
                status: 410,
                reason: "Unregistered".to_owned(),
                timestamp: Some(u64::try_from(self.now().0).unwrap() + 1),
            },
            Reply::Dead => Effect::fcm(FcmFailure::Unregistered),
            Reply::Refused if is_apns => Effect::apns(400, "BadPriority"),
            Reply::Refused => Effect::fcm(FcmFailure::InvalidArgument),
            Reply::AnswerLost => Effect::BreakAfter,
            Reply::Broken => Effect::BreakBefore,
            Reply::NotProcessed => Effect::RefuseStream,
        };
        self.place.simulator.script(Rule::new(target, effect).times(times));
    }

    pub(super) fn clear_script(&self) {
        self.place.simulator.clear_script();
    }

    pub(super) fn records(&self) -> Vec<push_simulator::Record> {
        self.place.simulator.take_records()
    }

    pub(super) fn broken_connections(&self) -> Vec<push_simulator::BrokenConnection> {
        self.place.simulator.broken_connections()
    }

    /// Lets the store fail the next time.
    pub(super) fn trouble(&self, point: Point, trouble: Trouble) {
        self.troubles.plan(point, trouble);
    }

    /// Sends a request; `None` where the process ended before it answered.
    pub(super) fn submit(&self, request: &Request) -> Option<Result<Arc<Answer>, SubmitError>> {
        let Process { runtime, submit, .. } = self.process();
        let submission = self.submission(request);
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.troubles.ended() => None,
                answer = submit.submit(submission) => Some(answer),
            }
        })
    }

    fn submission(&self, request: &Request) -> Submission {
        let targets = request.targets.iter().map(|(subscription, mark)| SubmittedTarget {
            subscription: *subscription,
            content: SubmittedContent::Free { reference: Some(mark.parse().unwrap()) },
            badge: None,
            sound: None,
        });
        let ttl = Ttl::from_seconds(request.ttl).unwrap();
        Submission {
            sender: self.sender,
            id: request.id,
            body_hash: [3; 32],
            options: DeliveryOptions { kind: Kind::Alert, urgency: Urgency::High, ttl },
            wait: request.wait,
            collapse_key: request.collapse_key.map(|key| format!("key {key}").parse().unwrap()),
            content: None,
            targets: targets.collect(),
        }
    }

    /// Withdraws; `None` where the process ended before it answered.
    pub(super) fn withdraw(&self, id: NotificationId) -> Option<Result<NotificationState, WithdrawError>> {
        let Process { runtime, withdraw, .. } = self.process();
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.troubles.ended() => None,
                state = withdraw.withdraw(self.sender, id) => Some(state),
            }
        })
    }

    /// What is known of a notification.
    pub(super) fn outcomes(&self, id: NotificationId) -> Option<NotificationState> {
        let Process { runtime, outcomes, .. } = self.process();
        match runtime.block_on(outcomes.find(self.sender, id)) {
            Ok(state) => Some(state),
            Err(OutcomesError::Missing) => None,
            Err(OutcomesError::Storage(error)) => panic!("{error}"),
        }
    }

    /// Ends the process without a word, and starts the next one.
    pub(super) fn restart(&mut self) {
        drop(self.process.take());
        self.troubles.begin_anew();
        self.process = Some(start(self.place, self.folder.path(), &self.troubles));
    }

    /// Waits until nothing is due and nothing is under way, and what was answered stands in the store. `false` where the
    /// process ended before that.
    pub(super) fn rests(&self, answered: &[NotificationId]) -> bool {
        let Process { runtime, store, queue, .. } = self.process();
        let began = Instant::now();
        runtime.block_on(async {
            loop {
                if self.troubles.has_ended() {
                    return false;
                }
                let groups = store.outbox.groups(self.now()).await.unwrap();
                let busy = groups.iter().any(|group| group.leased > 0 || group.due > 0);
                let mut owed = false;
                for id in answered {
                    owed = owed || store.outbox.known(self.sender.id, *id).await.unwrap().is_none();
                }
                if !busy && !owed && queue.waiting() == 0 {
                    return true;
                }
                assert!(began.elapsed() < PATIENCE, "it does not come to rest: {groups:?}, owed: {owed}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    }
}

fn start(place: &Place, folder: &Path, troubles: &Arc<Troubles>) -> Process {
    Process::start(folder, &place.simulator, &place.clock, troubles)
}

fn authenticated(id: SenderId, credential: CredentialId) -> AuthenticatedSender {
    AuthenticatedSender { id, credential, content_policy: ContentPolicy::SealedOnly }
}

impl Request {
    /// A new notification to these phones.
    pub(super) fn new(now: UnixMillis, phones: &[&Phone], (wait, ttl): (bool, u64)) -> Self {
        let mark = || test_store::id::<()>().to_string();
        let targets = phones.iter().map(|phone| (phone.subscription, mark()));
        let id = NotificationId::ordered(now, &OsEntropy);
        Self { id, targets: targets.collect(), wait, ttl, collapse_key: None }
    }
}
