//! `sealpush audit`: what was changed, and whether the log of it is whole.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::api::admin::{AuditEntryDocument, AuditList, AuditVerdictDocument};

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every administrative change, the oldest first
    List(Read),
    /// Follow the chain of hashes from the first entry to the last; exit code 1 where it is broken
    Verify(Read),
}

#[derive(Debug, Args)]
struct Read {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::List(read) => list(&read, terminal).await,
            Action::Verify(read) => verify(&read, terminal).await,
        }
    }
}

async fn list(read: &Read, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    let link = OperatorLink::open(&read.file.load(terminal)?).await?;
    let mut entries: Vec<AuditEntryDocument> = Vec::new();
    let mut after = 0;
    loop {
        let page: AuditList = link.get(&format!("/admin/audit?after={after}")).await?;
        entries.extend(page.entries);
        let Some(next) = page.next else { break };
        after = next;
    }
    if read.json {
        terminal.json(&json!({ "entries": entries }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for entry in entries {
        let AuditEntryDocument { sequence, at, actor, action, subject, detail } = entry;
        let text = format!("{sequence:>5}  {at:24}  {actor:8}  {action:16}  {subject}  {detail}");
        terminal.line(text.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(read: &Read, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    let link = OperatorLink::open(&read.file.load(terminal)?).await?;
    let verdict: AuditVerdictDocument = link.get("/admin/audit/verify").await?;
    if read.json {
        terminal.json(&verdict)?;
    } else {
        match verdict.first_broken {
            None => terminal.line("The audit log is whole: every entry fits the one before it.")?,
            Some(at) => terminal.line(format_args!(
                "The audit log is broken at entry {at}: that entry, or the one before it, is not what was written."
            ))?,
        }
    }
    Ok(if verdict.intact { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
