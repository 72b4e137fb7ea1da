//! `sealpush audit`: what was changed, and whether the log of it is whole. Read next: `export.rs`.

mod export;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::api::admin::{AuditEntryDocument, AuditList};
use export::Export;
use verify::Verify;

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every administrative change, the oldest first
    List(List),
    /// Follow the chain of hashes from the first entry to the last; exit code 1 where it is broken
    Verify(Verify),
    /// Write the whole log as JSON lines, which `verify --file` proves without the relay
    Export(Export),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::List(list) => list.run(terminal).await,
            Action::Verify(verify) => verify.run(terminal).await,
            Action::Export(export) => export.run(terminal).await,
        }
    }
}

impl List {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let mut entries: Vec<AuditEntryDocument> = Vec::new();
        let mut after = Some(0);
        while let Some(sequence) = after {
            let page = page(&link, sequence).await?;
            entries.extend(page.entries);
            after = page.next;
        }
        if self.json {
            terminal.json(&json!({ "entries": entries }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for entry in entries {
            let AuditEntryDocument { sequence, at, actor, action, subject, detail, hash: _ } = entry;
            let text = format!("{sequence:>5}  {at:24}  {actor:8}  {action:16}  {subject}  {detail}");
            terminal.line(text.trim_end())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The entries after `sequence`, a page of them.
async fn page(link: &OperatorLink, sequence: i64) -> anyhow::Result<AuditList> {
    link.get(&format!("/admin/audit?after={sequence}")).await
}
