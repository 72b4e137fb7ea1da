//! `sealpush serve`: runs the relay until it is told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Builder;

use super::config_file::ConfigFile;
use super::overview::Overview;
use super::service_manager;
use super::signals::{Reloads, Signals, outlive_file_size_limits};
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
A second signal stops it at once; what was promised is still there at the next start. At SIGHUP it reads its config \
again, as `sealpush reload` has it do.

Exit codes: 0 it stopped in order, 1 it could not start or was stopped at once, 2 the command line was wrong.")]
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
        runtime.block_on(async {
            tokio::select! {
                code = relay(config) => code,
                never = service_manager::signs_of_life() => match never {},
            }
        })
    }
}

/// The life of the relay, between its start and the second of two signals.
async fn relay(config: Config) -> anyhow::Result<ExitCode> {
    outlive_file_size_limits()?;
    let (mut signals, mut reloads) = (Signals::new()?, Reloads::new()?);
    let relay = Relay::start(config, Arc::new(SystemClock), Arc::new(OsEntropy)).await?;
    for address in &relay.addresses().listen {
        tracing::info!(listener = %address, "listening");
    }
    tracing::info!(listener = %relay.addresses().operator, "listening for the operator");
    service_manager::ready();
    let signal = loop {
        tokio::select! {
            signal = signals.next() => break signal,
            () = reloads.next() => {
                service_manager::reloading();
                // What came of it is in the log.
                let _ = relay.reload().await;
                service_manager::ready();
            }
        }
    };
    service_manager::stopping();
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
