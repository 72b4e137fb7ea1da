//! `sealpush privacy`: what `GET /v1/privacy` of a relay with this config says, and the papers about it.
//!
//! Reads the config and nothing else: it needs no running relay, and cannot say anything else than one would.

mod listing;
mod papers;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::config_file::ConfigFile;
use super::terminal::Terminal;
use crate::api::{PrivacyDocument, privacy_markdown, privacy_page};

/// The arguments.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  sealpush privacy
  sealpush privacy --markdown > PRIVACY-OF-THIS-RELAY.md
  sealpush privacy papers --out papers

Whoever has no access to the config reads the same at https://RELAY/v1/privacy."
)]
pub(super) struct Privacy {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long, group = "form")]
    json: bool,
    /// As one page for a browser, which loads nothing
    #[arg(long, group = "form")]
    html: bool,
    /// As Markdown
    #[arg(long, group = "form")]
    markdown: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write drafts of the papers that privacy law asks an operator for
    Papers(papers::Papers),
}

impl Privacy {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        if let Some(Action::Papers(papers)) = self.action {
            return papers.run(terminal);
        }
        let document = PrivacyDocument::of(&self.file.load(terminal)?);
        match (self.json, self.html, self.markdown) {
            (true, ..) => terminal.json(&document)?,
            (_, true, _) => terminal.text(&privacy_page(&document).html)?,
            (.., true) => terminal.text(&privacy_markdown(&document))?,
            _ => listing::print(&document, terminal)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
