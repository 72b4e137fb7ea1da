//! `sealpush sender usage`: what senders share of their usage, for the operator.

use clap::Args;
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::printable::printable;
use super::terminal::Terminal;
use super::usage_chart;
use crate::api::UsageDocument;
use crate::api::admin::{SenderUsageDocument, UsageList};
use crate::model::SenderId;

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush sender usage
  sealpush sender usage --csv > usage.csv

It shows what each sender's administrator decided to share, of days that are over. Nothing switches it on for them.")]
pub(super) struct SenderUsage {
    #[command(flatten)]
    file: ConfigFile,
    /// Of this sender alone
    id: Option<SenderId>,
    /// As one JSON document
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As a line for each figure
    #[arg(long)]
    csv: bool,
}

impl SenderUsage {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        if let Some(id) = self.id {
            let usage: UsageDocument = link.get(&format!("/admin/senders/{id}/usage")).await?;
            return usage_chart::print(terminal, &usage, self.json, self.csv);
        }
        let senders = all(&link).await?;
        if self.json {
            return terminal.json(&json!({ "senders": senders }));
        }
        if self.csv {
            return Ok(terminal.text(&csv(&senders))?);
        }
        if senders.is_empty() {
            terminal.line("No sender shares anything, or there are no figures yet.")?;
        }
        for SenderUsageDocument { sender, name, usage } in &senders {
            terminal.heading(format_args!("{sender}  {}", printable(name)))?;
            usage_chart::print(terminal, usage, false, false)?;
        }
        Ok(())
    }
}

async fn all(link: &OperatorLink) -> anyhow::Result<Vec<SenderUsageDocument>> {
    let (mut senders, mut path) = (Vec::new(), "/admin/usage".to_owned());
    loop {
        let page: UsageList = link.get(&path).await?;
        senders.extend(page.senders);
        let Some(next) = page.next else { return Ok(senders) };
        path = format!("/admin/usage?after={next}");
    }
}

/// One table, with the sender before each figure.
fn csv(senders: &[SenderUsageDocument]) -> String {
    let mut csv = String::from("sender,category,day,push_service,outcome,value\r\n");
    for SenderUsageDocument { sender, usage, .. } in senders {
        for line in usage.to_csv().lines().skip(1) {
            csv.extend([sender, ",", line, "\r\n"]);
        }
    }
    csv
}
