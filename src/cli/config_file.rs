//! The arguments that name the config.

use std::path::PathBuf;

use clap::Args;

use super::terminal::Terminal;
use crate::config::{Config, Mode};

/// Which config, and how strictly it is read.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The config file.
    #[arg(
        long,
        short,
        value_name = "FILE",
        help = "The config file [default: $SEALPUSH_CONFIG, else sealpush.toml, else /etc/sealpush/sealpush.toml]"
    )]
    config: Option<PathBuf>,
    /// For trying out: take the published example keys, and key files that others can read
    #[arg(long)]
    dev: bool,
}

impl ConfigFile {
    /// Where the config file is.
    pub(crate) fn path(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(Config::default_path)
    }

    /// How strictly it is read.
    pub(crate) fn mode(&self) -> Mode {
        if self.dev { Mode::Dev } else { Mode::Serve }
    }

    /// Reads it, and says what it warns of.
    pub(crate) fn load(&self, terminal: &mut Terminal) -> anyhow::Result<Config> {
        let config = Config::load(&self.path(), self.mode())?;
        for warning in &config.warnings {
            terminal.note(warning)?;
        }
        Ok(config)
    }
}
