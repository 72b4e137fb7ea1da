//! `sealpush audit verify`: whether the log is as it was written, in the store or in an exported file.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use serde::Deserialize;

use super::super::config_file::ConfigFile;
use super::super::operator_link::OperatorLink;
use super::super::terminal::Terminal;
use super::export::{FirstLine, LastLine, VERSION};
use crate::api::admin::{AuditEntryDocument, AuditVerdictDocument, audit_hash};
use crate::model::{AuditMark, AuditVerdict, AuditWalk};

#[derive(Debug, Args)]
#[command(after_help = "\
Who can write to the database can write the whole log anew, and its chain fits again. Only what was noted elsewhere shows \
that: GET /v1/privacy has the head of each of the last 30 days. Note one from time to time, and look for it later:

  sealpush audit verify --head 3f1c…")]
pub(super) struct Verify {
    #[command(flatten)]
    config: ConfigFile,
    /// A file that `sealpush audit export` wrote, in place of the relay's log
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A head that was noted earlier: the log must still have an entry with this hash
    #[arg(long, value_name = "HASH", value_parser = head)]
    head: Option<NotedHead>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

/// A hash of an entry.
#[derive(Debug, Clone, Copy)]
struct NotedHead([u8; 32]);

fn head(text: &str) -> Result<NotedHead, String> {
    audit_hash(text).map(NotedHead).ok_or_else(|| "a head has 64 hexadecimal digits".to_owned())
}

impl Verify {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let head = self.head.map(|NotedHead(hash)| hash);
        let verdict: AuditVerdictDocument = if let Some(file) = &self.file {
            in_file(file, head)
                .with_context(|| format!("{} is no whole export of an audit log", file.display()))?
                .into()
        } else {
            let link = OperatorLink::open(&self.config.load(terminal)?).await?;
            let query = head.map_or(String::new(), |head| format!("?head={}", hex::encode(head)));
            link.get(&format!("/admin/audit/verify{query}")).await?
        };
        if self.json {
            terminal.json(&verdict)?;
            return Ok(exit(&verdict));
        }
        told(&verdict, terminal)
    }
}

/// Follows the chain through an exported file.
fn in_file(file: &Path, head: Option<[u8; 32]>) -> anyhow::Result<AuditVerdict> {
    let mut lines = BufReader::new(File::open(file)?).lines();
    let first: FirstLine = read(&lines.next().context("it is empty")??, "its first line")?;
    ensure!(first.sealpush_audit_log == VERSION, "it is of another form than this release reads");
    let cut = first.cut.map(|cut| cut.mark().context("its first line has no hash")).transpose()?;
    let mut walk = AuditWalk::after(cut, head);
    for (number, text) in (2_u64..).zip(lines) {
        let text = text?;
        if let Ok(LastLine { head }) = serde_json::from_str(&text) {
            let head = head.map(|head| head.mark().context("its last line has no hash")).transpose()?;
            let last = walk.last();
            let verdict = walk.end();
            let fits = head.unwrap_or(AuditMark::BEGINNING) == last;
            ensure!(fits || matches!(verdict, AuditVerdict::Broken(_)), "entries are missing at its end");
            return Ok(verdict);
        }
        let entry: AuditEntryDocument = read(&text, &format!("line {number}"))?;
        walk.step(&entry.record().ok_or_else(|| anyhow!("line {number} has no time or no hash"))?);
    }
    bail!("its last line is missing")
}

fn read<'a, T: Deserialize<'a>>(text: &'a str, place: &str) -> anyhow::Result<T> {
    serde_json::from_str(text).with_context(|| format!("{place} is not what the relay writes"))
}

fn exit(verdict: &AuditVerdictDocument) -> ExitCode {
    if verdict.intact { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says the verdict in words.
pub(super) fn told(verdict: &AuditVerdictDocument, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    let AuditVerdictDocument { intact, first_broken, cut_not_told, head_missing, cut, head, noted } = verdict;
    if *intact {
        terminal.line("The audit log is whole: every entry fits the one before it.")?;
    }
    if let Some(at) = first_broken {
        terminal.line(format_args!(
            "The audit log is broken at entry {at}: that entry, or the one before it, is not what was written."
        ))?;
    }
    if let Some(at) = cut_not_told {
        terminal.line(format_args!(
            "The audit log is broken: everything up to entry {at} is missing, and no entry tells that it was cut."
        ))?;
    }
    if *head_missing {
        terminal.line(
            "Every entry fits the one before it, but none has the hash of that head: the log was written anew, or was cut \
             since then because its time was over.",
        )?;
    }
    if let Some(noted) = noted {
        terminal
            .line(format_args!("The head that you noted is entry {noted}: nothing up to it was changed."))?;
    }
    if let Some(cut) = cut {
        terminal.line(format_args!(
            "Entries up to {} were cut because their time was over, and the log tells of it.",
            cut.sequence
        ))?;
    }
    if let Some(head) = head {
        terminal.line(format_args!("Its head is {}, entry {}.", head.hash, head.sequence))?;
    }
    Ok(exit(verdict))
}
