//! `sealpush outbox`: what waits, and why.

use std::process::ExitCode;

use clap::Args;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::api::admin::{OutboxDocument, WaitingDocument};

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush outbox
  sealpush outbox --json | jq '.groups[] | select(.waits_for == \"held\")'

It shows counts and times by app and push service: no sender, no device, no content.")]
pub(super) struct Outbox {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Outbox {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let outbox: OutboxDocument = link.get("/admin/outbox").await?;
        if self.json {
            terminal.json(&outbox)?;
            return Ok(ExitCode::SUCCESS);
        }
        if outbox.groups.is_empty() {
            terminal.line("Nothing waits.")?;
            return Ok(ExitCode::SUCCESS);
        }
        terminal.heading(format_args!(
            "{:20}  {:8}  {:10}  {:>8}  {:>8}  {:>8}  OLDEST",
            "APP", "SERVICE", "", "WAITING", "DUE", "TRIED"
        ))?;
        for group in &outbox.groups {
            let environment = group.environment.as_deref().unwrap_or("");
            terminal.line(format_args!(
                "{:20}  {:8}  {environment:10}  {:>8}  {:>8}  {:>8}  {}",
                group.app,
                group.push_service.as_str(),
                group.waiting,
                group.due + group.taken,
                group.tried,
                group.oldest_accepted_at
            ))?;
            terminal.line(format_args!("    {}", why(group)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a group waits for, and what mends it.
fn why(group: &WaitingDocument) -> String {
    let (reason, since) = (group.reason.as_deref().unwrap_or(""), group.since.as_deref().unwrap_or(""));
    match group.waits_for.as_str() {
        "held" => format!(
            "held since {since} ({reason}): `sealpush check` says how to mend it; then it goes on by itself"
        ),
        "failing" => format!("the push service fails since {since} ({reason}): it goes on by itself"),
        "resting" => {
            format!("the push service asked for rest, since {since} ({reason}): it goes on by itself")
        }
        "turn" => "they wait for their turn".to_owned(),
        "next_try" => match &group.next_due_at {
            Some(due) => format!("the next try is at {due}"),
            None => "they wait for their next try".to_owned(),
        },
        "no_relay" => "no relay runs: `sealpush serve` sends them".to_owned(),
        other => other.to_owned(),
    }
}
