//! `sealpush reload`: has the running relay read its config again.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::api::admin::ReloadedDocument;

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: sealpush reload --config /etc/sealpush/sealpush.toml

Apps and their credentials, registration keys, [relay], [admission], [push_services], [egress], certificates, the log's \
level, and of [limits] rates, wait_seconds, request_seconds, body_bytes and targets change while the relay runs, and no \
request is lost. A config that is broken, or that changes what only a restart \
can change, is refused whole: the relay goes on with the one that it has, and this command ends with 1.")]
pub(super) struct Reload {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Reload {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        // Read here too: a mistake is shown with its line, to whoever made it.
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let reloaded: ReloadedDocument = link.post("/admin/reload", &json!({})).await?;
        if self.json {
            terminal.json(&reloaded)?;
        } else if reloaded.changed.is_empty() {
            terminal.line("The config is as before; nothing was changed.")?;
        } else {
            terminal.line(format_args!("Taken over: {}.", reloaded.changed.join(", ")))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
