//! `sealpush version`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::terminal::Terminal;

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Version {
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Version {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let version = env!("CARGO_PKG_VERSION");
        if self.json {
            // The protocol's and the envelope's versions, so that a script can tell what fits together.
            terminal.json(&json!({ "version": version, "protocol": 1, "envelope": 1 }))?;
        } else {
            terminal.line(format_args!("sealpush {version}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
