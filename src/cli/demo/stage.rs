//! Simulators and a relay, running, with real TLS and HTTP/2 between them.

use std::sync::Arc;

use anyhow::Context;
use push_simulator::{Simulator, SimulatorConfig};

use super::captured_log::CapturedLog;
use super::folder::Folder;
use crate::base::{Clock, Entropy, OsEntropy, SystemClock};
use crate::cli::client::{Exchange, Hop, HttpClient, Trust};
use crate::config::{Config, Mode};
use crate::server::Relay;

/// Everything that runs.
pub(crate) struct Stage {
    /// Apple's and Google's services.
    pub(crate) simulator: Simulator,
    /// The files.
    pub(crate) folder: Folder,
    /// The relay's config, as loaded from the folder.
    pub(crate) config: Config,
    /// The relay, as senders and apps reach it.
    pub(crate) relay: Hop,
    /// The relay's metrics.
    operator: Hop,
    /// What the relay logged.
    pub(crate) log: CapturedLog,
    /// A client that trusts the demo's certificates.
    pub(crate) http: HttpClient,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness.
    pub(crate) entropy: Arc<dyn Entropy>,
    running: Relay,
}

impl Stage {
    /// Starts everything.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let log = CapturedLog::start()?;
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
            (Arc::new(SystemClock), Arc::new(OsEntropy));
        let simulator = Simulator::start(SimulatorConfig { control: true, ..SimulatorConfig::default() });
        let simulator = simulator.await.context("the push simulator does not start")?;
        let folder = Folder::make(&simulator, &*entropy)?;
        let config = Config::load(&folder.path("relay/sealpush.toml"), Mode::Dev)?;
        let running = Relay::start(config.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let running = running.await.context("the relay does not start")?;
        let port = running.addresses().listen.first().context("the relay listens nowhere")?.port();
        Ok(Self {
            relay: Hop::parse("the relay", &format!("https://localhost:{port}"))?,
            operator: Hop::parse(
                "the operator's listener",
                &format!("http://{}", running.addresses().operator),
            )?,
            http: HttpClient::new(Trust::new(Some(&folder.path("ca.pem")))?),
            simulator,
            folder,
            config,
            log,
            clock,
            entropy,
            running,
        })
    }

    /// Where the operator's monitoring asks.
    pub(crate) fn operator_address(&self) -> std::net::SocketAddr {
        self.running.addresses().operator
    }

    /// What the relay shows to its operator's monitoring.
    pub(crate) async fn metrics(&self) -> anyhow::Result<Vec<u8>> {
        let answer = self.http.exchange(&self.operator, Exchange::get("/metrics")).await?;
        Ok(answer.body.to_vec())
    }

    /// Ends everything, and removes the folder.
    pub(crate) async fn stop(self) {
        self.running.stop().await;
        self.simulator.shutdown().await;
    }
}
