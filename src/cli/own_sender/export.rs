//! `sealpush self export`: everything that the relay holds about the sender, in a file of its administrator's.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::super::terminal::Terminal;
use super::KeyFile;

#[derive(Debug, Args)]
#[command(after_help = "\
Each line is one JSON document: a row, with its table and its columns, or a column that the relay holds and does not \
show, with why. docs/DATA_MODEL.md and GET /v1/privacy say what each is for and how long it is kept.")]
pub(super) struct Export {
    #[command(flatten)]
    file: KeyFile,
    /// The file to write; it must not exist
    to: PathBuf,
}

impl Export {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (_, client) = self.file.open()?;
        let cannot = || format!("cannot write {}", self.to.display());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.to);
        let mut file = BufWriter::new(file.with_context(cannot)?);
        let (mut after, mut rows) = (None, 0);
        loop {
            let page = client.export(after.as_deref()).await?;
            for line in page.rows.iter().chain(&page.not_shown) {
                serde_json::to_writer(&mut file, line)?;
                file.write_all(b"\n").with_context(cannot)?;
            }
            rows += page.rows.len();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        file.flush().with_context(cannot)?;
        Ok(terminal.line(format_args!("{} has {rows} rows.", self.to.display()))?)
    }
}
