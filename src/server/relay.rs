//! The life of a relay: start, run, stop in the order in which nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::bind::{Addresses, Bound, bind};
use super::certificate_watch;
use super::compose::{Parts, compose};
use super::state_watch;
use crate::base::{Clock, Entropy};
use crate::config::Config;
use crate::intake::UsageWriter;
use crate::model::Actor;
use crate::operator::{NotedPolicy, Operator, ReloadConfigError, Reloaded};

/// A running relay, until [`Relay::stop`].
pub struct Relay {
    addresses: Addresses,
    operator: Arc<Operator>,
    doors: Stage,
    delivery: Stage,
    upkeep: Stage,
    writers: TaskTracker,
    usage_writer: Arc<UsageWriter>,
    drain: Duration,
}

/// Tasks that end together.
struct Stage {
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Stage {
    fn new() -> Self {
        Self { shutdown: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// Lets the tasks come to their end.
    async fn end(&self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Relay {
    /// Starts a relay: when this returns, it listens.
    pub async fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let parts = compose(&config, &clock, &entropy).await?;
        let (doors, delivery, upkeep) = (Stage::new(), Stage::new(), Stage::new());
        let (drain, policies) = (config.limits.drain, NotedPolicy::all(&config));
        let Bound { acceptors, addresses, operator, inside, watched, ordered } =
            bind(config, &parts, &clock, &entropy).await?;
        if let Err(error) = operator.note_policies(Actor::Relay, policies).await {
            tracing::error!(%error, "the audit log could not be written; the next start notes what changed in the config");
        }
        for acceptor in acceptors {
            doors.tasks.spawn(acceptor.run(doors.shutdown.clone(), drain));
        }
        for door in watched {
            upkeep.tasks.spawn(certificate_watch::watch(door, upkeep.shutdown.clone()));
        }
        for (order, door) in ordered {
            upkeep.tasks.spawn(order.run(door, upkeep.shutdown.clone()));
        }
        let Parts {
            api,
            live,
            push_services,
            dispatcher,
            settler,
            keeper,
            codes_back,
            sweeper,
            keys,
            usage_writer,
            ..
        } = parts;
        upkeep.tasks.spawn(push_services.run(upkeep.shutdown.clone().cancelled_owned()));
        upkeep.tasks.spawn(Arc::clone(&api.rate_limits).run(upkeep.shutdown.clone()));
        upkeep.tasks.spawn(state_watch::watch(inside, live.submit, upkeep.shutdown.clone()));
        upkeep.tasks.spawn(sweeper.run(upkeep.shutdown.clone()));
        upkeep.tasks.spawn(keys.run(upkeep.shutdown.clone()));
        upkeep.tasks.spawn(Arc::clone(&usage_writer).run(upkeep.shutdown.clone()));
        delivery.tasks.spawn(dispatcher.run(delivery.shutdown.clone()));
        let writers = TaskTracker::new();
        writers.spawn(settler.run());
        writers.spawn(keeper.run());
        writers.spawn(codes_back.run());
        Ok(Self { addresses, operator, doors, delivery, upkeep, writers, usage_writer, drain })
    }

    /// Where it is reached.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Reads the config again, and takes all of it over, or nothing. No request is lost by it.
    pub async fn reload(&self) -> Result<Reloaded, ReloadConfigError> {
        self.operator.reload_config(Actor::Operator).await
    }

    /// Stops: attempts under way come to their end, what is undecided stands in the outbox before its sender is
    /// answered, and what is owed to the store is written.
    pub async fn stop(self) {
        // Delivery first: it takes no new lease, which those who wait with `wait: true` see at once; they make
        // theirs durable and answer 202. The attempts under way end within the push services' time limit.
        let delivery = tokio::time::timeout(self.drain, self.delivery.end());
        // Each door keeps to the drain time by itself, and says what it cut off.
        let (delivery, ()) = tokio::join!(delivery, self.doors.end());
        if delivery.is_err() {
            tracing::warn!("some attempts were cut off at the end of the drain time; they are repeated");
        }
        self.upkeep.end().await;
        self.writers.close();
        if tokio::time::timeout(self.drain, self.writers.wait()).await.is_err() {
            tracing::error!("the store could not be written to the end; unwritten outcomes are lost");
        }
        // Last: until here deliveries have ended.
        let _ = tokio::time::timeout(self.drain, self.usage_writer.write_or_say_why()).await;
    }
}

/// Runs a relay until `shutdown`.
pub async fn run(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let relay = Relay::start(config, clock, entropy).await?;
    shutdown.await;
    relay.stop().await;
    Ok(())
}
