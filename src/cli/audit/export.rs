//! `sealpush audit export`: the whole log as JSON lines.
//!
//! The first line says where the log begins, the last one where it ends, so that a file that was cut off shows; what
//! stands between is verified by the same walk on its way. Read next: `verify.rs`.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::super::config_file::ConfigFile;
use super::super::operator_link::OperatorLink;
use super::super::terminal::Terminal;
use super::page;
use super::verify::told;
use crate::api::admin::AuditMarkDocument;
use crate::model::{AuditMark, AuditVerdict, AuditWalk};

/// The form of the file.
pub(super) const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstLine {
    /// [`VERSION`].
    pub(super) sealpush_audit_log: u32,
    /// The last entry that was cut, where its time was over.
    pub(super) cut: Option<AuditMarkDocument>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LastLine {
    /// The last entry, or the last one that was cut where no other is left; none where nothing was ever logged.
    pub(super) head: Option<AuditMarkDocument>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: sudo -u sealpush sealpush audit export /var/backups/sealpush/audit.jsonl

`sealpush audit verify --file` proves an export on any machine, without the relay and its config.")]
pub(super) struct Export {
    #[command(flatten)]
    file: ConfigFile,
    /// The file to write; it must not exist
    to: PathBuf,
}

impl Export {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let cannot = || format!("cannot write {}", self.to.display());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.to);
        let mut file = BufWriter::new(file.with_context(cannot)?);
        let (verdict, count) = write(&link, &mut file).await?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
        terminal.line(format_args!("{} has {count} entries.", self.to.display()))?;
        told(&verdict.into(), terminal)
    }
}

/// Writes the log as it is, also where it is broken: that is when its copy is wanted most.
async fn write(link: &OperatorLink, to: &mut impl Write) -> anyhow::Result<(AuditVerdict, u64)> {
    let mut entries = page(link, 0).await?;
    let cut = entries.cut.as_ref().map(|cut| cut.mark().ok_or_else(strange)).transpose()?;
    line(to, &FirstLine { sealpush_audit_log: VERSION, cut: entries.cut.take() })?;
    let (mut walk, mut count) = (AuditWalk::after(cut, None), 0);
    loop {
        for entry in entries.entries {
            line(to, &entry)?;
            walk.step(&entry.record().ok_or_else(strange)?);
            count += 1;
        }
        let Some(after) = entries.next else { break };
        entries = page(link, after).await?;
    }
    let last = walk.last();
    line(to, &LastLine { head: (last != AuditMark::BEGINNING).then(|| last.into()) })?;
    Ok((walk.end(), count))
}

fn line(to: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *to, value)?;
    Ok(to.write_all(b"\n")?)
}

fn strange() -> anyhow::Error {
    anyhow!("the relay's answer is not understood; is it another release?")
}
