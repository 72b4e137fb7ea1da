//! `sealpush serve`: runs the relay until it is told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Builder;

use super::config_file::ConfigFile;
use super::overview::Overview;
use super::signals::Signals;
use super::terminal::Terminal;
use crate::base::{OsEntropy, SystemClock};
use crate::config::Config;
use crate::server::Relay;
use crate::telemetry::start_logging;

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush serve --config /etc/sealpush/sealpush.toml
  sealpush serve --dev --config keys-example/sealpush.toml    (to try it out)

It stops at SIGTERM and SIGINT: what is under way is finished, what is promised is in the database. \
A second signal stops it at once; what was promised is still there at the next start.")]
pub(super) struct Serve {
    #[command(flatten)]
    file: ConfigFile,
}

impl Serve {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let config = self.file.load(terminal)?;
        Overview::of(&config).print(terminal)?;
        start_logging(config.logs)?;
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(relay(config))
    }
}

/// The life of the relay, between its start and the second of two signals.
async fn relay(config: Config) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let relay = Relay::start(config, Arc::new(SystemClock), Arc::new(OsEntropy)).await?;
    for address in &relay.addresses().listen {
        tracing::info!(listener = %address, "listening");
    }
    tracing::info!(listener = %relay.addresses().operator, "listening for the operator");
    let signal = signals.next().await;
    tracing::info!(signal, "stopping: what is under way is finished, what waits is in the database");
    tokio::select! {
        () = relay.stop() => {
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
        signal = signals.next() => {
            tracing::warn!(signal, "stopped at once; what waits is attempted at the next start");
            Ok(ExitCode::FAILURE)
        }
    }
}
