//! `sealpush migrate`: brings the database to this release's schema, and nothing else.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::config_file::ConfigFile;
use super::terminal::Terminal;
use crate::storage::sqlite::{Location, SqliteStore};

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
`sealpush serve` does the same at start. Run this before, where an update shall be tried while you \
watch; keep a copy of the database, because there is no way back to an older schema.")]
pub(super) struct Migrate {
    #[command(flatten)]
    file: ConfigFile,
}

impl Migrate {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let config = self.file.load(terminal)?;
        let path = config.storage.path;
        SqliteStore::migrate(&Location::File(path.clone()))
            .await
            .with_context(|| format!("cannot migrate the database {}", path.display()))?;
        terminal.line(format_args!("{} has the schema of this release.", path.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
