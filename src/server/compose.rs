//! What is joined to what.

use std::sync::Arc;

use anyhow::Context;

use super::convert;
use super::live_config::LiveConfig;
use crate::api::{Api, Bodies, ShownPrivacy};
use crate::base::{Clock, Entropy};
use crate::config::Config;
use crate::delivery::{Dispatcher, DispatcherLimits, Settler};
use crate::intake::{
    Authenticate, CodesBack, Connections, Feedback, HeldAbout, Join, Keeper, Outcomes, OwnSender, Prove,
    RateLimits, Register, RegisterSealed, SenderCredentials, Sharing, Submit, Subscribe, UsageWriter,
    Withdraw,
};
use crate::model::{LeaseQueue, QueueBounds, lease_queue};
use crate::operator::{AuditHeads, Keys, Sweeper};
use crate::privacy::StorageKeyring;
use crate::push_services::PushServices;
use crate::storage::Storage;
use crate::storage::sqlite::{Location, SqliteStore};
use crate::telemetry::Metrics;

/// Leases that wait in memory. Above it `wait: false` leaves its rows to the outbox.
const QUEUE: QueueBounds = QueueBounds { all: 16_384, sender: 4_096 };

/// The parts of a relay, joined and not yet running.
pub(super) struct Parts {
    pub(super) api: Arc<Api>,
    pub(super) live: LiveConfig,
    pub(super) store: Storage,
    pub(super) push_services: Arc<PushServices>,
    pub(super) metrics: Arc<Metrics>,
    /// Of the networks of senders and apps.
    pub(super) connections: Arc<Connections>,
    pub(super) queue: LeaseQueue,
    pub(super) dispatcher: Dispatcher,
    pub(super) settler: Settler,
    pub(super) keeper: Keeper,
    pub(super) codes_back: CodesBack,
    pub(super) sweeper: Sweeper,
    pub(super) keys: Arc<Keys>,
    pub(super) usage_writer: Arc<UsageWriter>,
}

/// Opens the store and joins the parts.
pub(super) async fn compose(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Parts> {
    let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
    let store = open_store(config, Arc::clone(&entropy)).await?;
    let push_services = Arc::new(convert::push_services(config, &clock, &entropy)?);
    let metrics = Arc::new(Metrics::new());
    let live = LiveConfig::of(config);
    let usage_writer = Arc::new(UsageWriter::new(&store, live.sharing.clone(), Arc::clone(&clock)));
    // Where sharing is locked off, before anything could be counted.
    usage_writer.write().await.context("cannot write the database")?;
    let (queue, leases) = lease_queue(QUEUE);
    let dispatch = DispatcherLimits {
        attempts: config.limits.in_flight,
        keep_outcomes: config.outcomes.keep,
        ..DispatcherLimits::default()
    };
    let (dispatcher, settler) = Dispatcher::new(
        leases,
        store.clone(),
        (live.apps.clone(), Arc::clone(&push_services)),
        Arc::clone(&metrics),
        (Arc::clone(&clock), Arc::clone(&entropy)),
        dispatch,
    );
    let rate_limits =
        Arc::new(RateLimits::new(&config.limits.rates, &clock, Arc::clone(&entropy), Arc::clone(&metrics)));
    let (submit, keeper) = Submit::new(
        &store,
        live.apps.clone(),
        Arc::clone(&store.pseudonyms),
        queue.clone(),
        Arc::clone(&clock),
        Arc::clone(&metrics),
        (live.submit.clone(), Arc::clone(&rate_limits)),
    );
    let (prove, codes_back) =
        Prove::new(&store, live.apps.clone(), queue.clone(), Arc::clone(&clock), Arc::clone(&entropy));
    let prove = Arc::new(prove);
    let register_sealed = RegisterSealed::new(
        &store,
        live.apps.clone(),
        Arc::clone(&live.registration_keys),
        Arc::clone(&prove),
        Arc::clone(&clock),
        Arc::clone(&rate_limits),
    );
    let register = Register::new(
        &store,
        live.apps.clone(),
        Arc::clone(&prove),
        Arc::clone(&clock),
        Arc::clone(&entropy),
        Arc::clone(&rate_limits),
    );
    let api = Arc::new(Api {
        authenticate: Authenticate::new(&store, Arc::clone(&clock), Arc::clone(&rate_limits)),
        join: Join::new(&store, live.join.clone(), Arc::clone(&clock), Arc::clone(&entropy)),
        own_sender: OwnSender::new(&store, live.join.clone(), Arc::clone(&clock)),
        held: HeldAbout::new(&store),
        sender_credentials: SenderCredentials::new(&store, Arc::clone(&clock), entropy),
        register,
        sharing: Sharing::new(&store, live.sharing.clone(), Arc::clone(&clock)),
        prove,
        register_sealed,
        registration_keys: Arc::clone(&live.registration_keys),
        clock: Arc::clone(&clock),
        subscribe: Subscribe::new(&store, Arc::clone(&clock)),
        // A connection each: three quarters are left for those who notify.
        feedback: Feedback::new(&store, queue.clone(), (config.limits.connections / 4).max(1)),
        outcomes: Outcomes::new(&store, &submit),
        withdraw: Withdraw::new(&store, &submit, Arc::clone(&clock), config.outcomes.keep),
        submit,
        relay: live.document.clone(),
        privacy: ShownPrivacy::new(live.privacy.clone(), AuditHeads::new(&store, Arc::clone(&clock))),
        limits: live.api.clone(),
        bodies: Bodies::of(config.limits.bytes_in_flight),
        rate_limits,
        metrics: Arc::clone(&metrics),
    });
    let keys = Arc::new(Keys::new(config, &store, Arc::clone(&live.registration_keys), Arc::clone(&clock)));
    let connections = Connections::new(config.limits.address_connections, Arc::clone(&metrics));
    let sweeper = Sweeper::new(&store, clock, config.retention, config.admission.unused())
        .keeping_usage(config.sharing.keep());
    Ok(Parts {
        api,
        live,
        store,
        push_services,
        metrics,
        connections,
        queue,
        dispatcher,
        settler,
        keeper,
        codes_back,
        sweeper,
        keys,
        usage_writer,
    })
}

/// Opens the store, in which nothing is leased: this process holds the database alone.
async fn open_store(config: &Config, entropy: Arc<dyn Entropy>) -> anyhow::Result<Storage> {
    let keyring = StorageKeyring::of(&config.storage);
    let store = SqliteStore::open(&Location::File(config.storage.path.clone()), keyring, entropy)
        .await
        .with_context(|| format!("cannot use the database {}", config.storage.path.display()))?;
    // What an earlier one had leased is free again.
    let freed = store.outbox.release_all().await.context("cannot write the database")?;
    if freed > 0 {
        tracing::info!(count = freed, "deliveries that the last run had begun are attempted again");
    }
    Ok(store)
}
