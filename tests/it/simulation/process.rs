//! One life of a relay's process: intake and delivery over a real database, without doors, in a runtime of its own that
//! can be dropped with everything under way, as a process is killed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sealpush::base::{Clock, Live, ManualClock, OsEntropy};
use sealpush::delivery::{Dispatcher, DispatcherLimits};
use sealpush::intake::{OutboxBounds, Outcomes, RateLimits, Submit, SubmitLimits, Withdraw};
use sealpush::model::{
    App, Apps, Confirm, ContentPolicy, LeaseQueue, Placeholder, PushService, QueueBounds, Quotas, lease_queue,
};
use sealpush::push_services::{AppCredentials, PushServices};
use sealpush::storage::sqlite::{Location, SqliteStore};
use sealpush::storage::{Load, Storage};
use sealpush::telemetry::Metrics;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use super::troubled_outbox::{TroubledOutbox, Troubles};
use crate::push_services::rig::{apns_credentials, fcm_credentials, settings_for};
use crate::storage::test_store::{self, storage_key};

/// How long `wait: true` waits.
const WAIT: Duration = Duration::from_millis(150);
/// A year: nothing is forgotten in a test.
const KEEP: Duration = Duration::from_hours(24 * 365);
const PLENTY: Load = Load { deliveries: 1_000_000, bytes: 1 << 40 };

/// A running process.
pub(super) struct Process {
    pub(super) runtime: Runtime,
    /// The store without its troubles.
    pub(super) store: Storage,
    pub(super) submit: Arc<Submit>,
    pub(super) withdraw: Arc<Withdraw>,
    pub(super) outcomes: Arc<Outcomes>,
    pub(super) queue: LeaseQueue,
}

impl Process {
    /// Starts on the database in `folder`.
    pub(super) fn start(
        folder: &Path,
        simulator: &push_simulator::Simulator,
        clock: &Arc<ManualClock>,
        troubles: &Arc<Troubles>,
    ) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let within = runtime.enter();
        let time = Arc::clone(clock) as Arc<dyn Clock>;
        let location = Location::File(folder.join("relay.db"));
        let store =
            runtime.block_on(SqliteStore::open(&location, &storage_key(), Arc::new(OsEntropy))).unwrap();
        runtime.block_on(store.outbox.release_all()).unwrap();
        let outbox = TroubledOutbox { outbox: Arc::clone(&store.outbox), troubles: Arc::clone(troubles) };
        let shaky = Storage { outbox: Arc::new(outbox), ..store.clone() };
        let (queue, leases) = lease_queue(QueueBounds { all: 1_000, sender: 1_000 });
        let (apps, metrics) = (Live::new(Apps::from_iter([app()])), Arc::new(Metrics::new()));
        let limits = DispatcherLimits {
            poll: Duration::from_millis(3),
            keep_outcomes: KEEP,
            ..DispatcherLimits::default()
        };
        let (dispatcher, settler) = Dispatcher::new(
            leases,
            shaky.clone(),
            (apps.clone(), push_services(simulator, &time)),
            Arc::clone(&metrics),
            (Arc::clone(&time), Arc::new(OsEntropy)),
            limits,
        );
        let rates =
            Arc::new(RateLimits::new(&Quotas::new(), &time, Arc::new(OsEntropy), Arc::clone(&metrics)));
        let (submit, keeper) = Submit::new(
            &shaky,
            apps,
            Arc::clone(&shaky.pseudonyms),
            queue.clone(),
            Arc::clone(&time),
            metrics,
            (Live::new(submit_limits(limits.lease)), rates),
        );
        runtime.spawn(dispatcher.run(CancellationToken::new()));
        runtime.spawn(settler.run());
        runtime.spawn(keeper.run());
        let withdraw = Arc::new(Withdraw::new(&shaky, &submit, time, KEEP));
        let outcomes = Arc::new(Outcomes::new(&shaky, &submit));
        drop(within);
        Self { runtime, store, submit, withdraw, outcomes, queue }
    }
}

fn submit_limits(lease: Duration) -> SubmitLimits {
    let outbox = OutboxBounds { sender: PLENTY, all: PLENTY };
    SubmitLimits {
        wait: WAIT,
        keep_outcomes: KEEP,
        lease,
        outbox,
        content_policy: ContentPolicy::ClearAllowed,
    }
}

fn push_services(simulator: &push_simulator::Simulator, time: &Arc<dyn Clock>) -> Arc<PushServices> {
    let credentials = AppCredentials {
        app: app().id,
        placeholder: Placeholder::default(),
        apns: Some(apns_credentials(simulator)),
        fcm: Some(fcm_credentials(simulator)),
    };
    let settings = settings_for(simulator);
    Arc::new(PushServices::new(vec![credentials], settings, Arc::clone(time), Arc::new(OsEntropy)).unwrap())
}

/// The app of every phone.
pub(super) fn app() -> App {
    App {
        id: test_store::app(),
        placeholder: Placeholder::default(),
        confirm: Confirm::Off,
        content_policy: ContentPolicy::SealedOnly,
        badge_allowed: false,
        sound_allowed: false,
        push_services: PushService::ALL.to_vec(),
    }
}
