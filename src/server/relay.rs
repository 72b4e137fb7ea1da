//! The life of a relay: start, run, stop in the order in which nothing is lost.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::accept::Acceptor;
use super::compose::{Parts, compose};
use super::listener::Listener;
use super::operator_routes::{self, Inside};
use super::tls;
use crate::api::{self, admin::admin_routes};
use crate::base::{Clock, Entropy};
use crate::config::Config;
use crate::operator::Operator;
use crate::web::Problem;

/// Connections on the operator's listeners, apart from those of senders: a flood must not lock the operator out.
const OPERATOR_CONNECTIONS: usize = 64;

/// Where a running relay is reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The TCP addresses for senders and apps, in the order of the config.
    pub listen: Vec<SocketAddr>,
    /// The operator's TCP address.
    pub operator: SocketAddr,
    /// The operator's Unix socket.
    pub operator_socket: PathBuf,
}

/// A running relay, until [`Relay::stop`].
pub struct Relay {
    addresses: Addresses,
    doors: Stage,
    delivery: Stage,
    upkeep: Stage,
    writers: TaskTracker,
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
        let (acceptors, addresses) = bind(&config, &parts, &clock, &entropy).await?;
        for acceptor in acceptors {
            doors.tasks.spawn(acceptor.run(doors.shutdown.clone(), config.limits.drain));
        }
        let Parts { push_services, dispatcher, settler, keeper, sweeper, .. } = parts;
        upkeep.tasks.spawn(push_services.run(upkeep.shutdown.clone().cancelled_owned()));
        upkeep.tasks.spawn(sweeper.run(upkeep.shutdown.clone()));
        delivery.tasks.spawn(dispatcher.run(delivery.shutdown.clone()));
        let writers = TaskTracker::new();
        writers.spawn(settler.run());
        writers.spawn(keeper.run());
        Ok(Self { addresses, doors, delivery, upkeep, writers, drain: config.limits.drain })
    }

    /// Where it is reached.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Stops: attempts under way come to their end, what is undecided stands in the outbox before its sender is
    /// answered, and what is owed to the store is written.
    pub async fn stop(self) {
        // Delivery first: it takes no new lease, which those who wait with `wait: true` see at once; they make
        // theirs durable and answer 202. The attempts under way end within the push services' time limit.
        let delivery = self.delivery.end();
        let doors = self.doors.end();
        if tokio::time::timeout(self.drain, async { tokio::join!(delivery, doors) }).await.is_err() {
            tracing::warn!("some attempts were cut off at the end of the drain time; they are repeated");
        }
        self.upkeep.end().await;
        self.writers.close();
        if tokio::time::timeout(self.drain, self.writers.wait()).await.is_err() {
            tracing::error!("the store could not be written to the end; unwritten outcomes are lost");
        }
    }
}

/// Binds every listener and gives it its routes.
async fn bind(
    config: &Config,
    parts: &Parts,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<(Vec<Acceptor>, Addresses)> {
    let places = Arc::new(Semaphore::new(config.limits.connections));
    let routes = api::routes(Arc::clone(&parts.api));
    let (mut acceptors, mut listen) = (Vec::new(), Vec::new());
    for one in &config.listen {
        let listener = Listener::bind(&one.at).await?;
        listen.extend(listener.address());
        acceptors.push(Acceptor {
            listener,
            tls: one.tls.as_ref().map(tls::acceptor).transpose()?,
            router: routes.clone(),
            places: Arc::clone(&places),
        });
    }
    let inside = Arc::new(Inside {
        store: parts.store.clone(),
        push_services: Arc::clone(&parts.push_services),
        metrics: Arc::clone(&parts.metrics),
        queue: parts.queue.clone(),
        clock: Arc::clone(clock),
    });
    let places = Arc::new(Semaphore::new(OPERATOR_CONNECTIONS));
    let tcp = Listener::tcp(config.operator.address).await?;
    let operator = tcp.address().context("the operator's listener has an address")?;
    let socket = Listener::unix(&config.operator.socket, 0o600)?;
    let apps = config.apps.iter().map(|app| app.app.clone()).collect();
    let operator_actions =
        Arc::new(Operator::new(apps, &parts.store, Arc::clone(clock), Arc::clone(entropy)));
    let monitoring = operator_routes::routes(inside);
    let admin = monitoring.clone().merge(admin_routes(operator_actions));
    let monitoring = monitoring
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::no_such_path());
    for (listener, router) in [(tcp, monitoring), (socket, admin)] {
        acceptors.push(Acceptor { listener, tls: None, router, places: Arc::clone(&places) });
    }
    let operator_socket = config.operator.socket.clone();
    Ok((acceptors, Addresses { listen, operator, operator_socket }))
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
