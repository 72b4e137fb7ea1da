//! `sealpush config`: check the config, or print an example.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::config_file::ConfigFile;
use super::terminal::Terminal;
use crate::config;

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read the config, the apps and every key file, and say what is wrong
    Check(Check),
    /// Print a commented config with every key
    Example(Example),
    /// Show what the config comes to, defaults included, without any secret
    Show(Show),
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sealpush config check --config /etc/sealpush/sealpush.toml")]
struct Check {
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sealpush config example > sealpush.toml")]
struct Example {
    /// Print an app file instead
    #[arg(long)]
    app: bool,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Config {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Check(Check { file }) => {
                let config = file.load(terminal)?;
                let (path, apps) = (config.file.display(), config.apps.len());
                terminal.line(format_args!(
                    "{path} is fine: {apps} app(s), {} listener(s).",
                    config.listen.len()
                ))?;
            }
            Action::Example(Example { app: false }) => terminal.text(&config::Config::example())?,
            Action::Example(Example { app: true }) => terminal.text(&config::Config::example_app())?,
            Action::Show(Show { file, json }) => {
                let overview = super::overview::Overview::of(&file.load(terminal)?);
                if json { terminal.json(&overview)? } else { overview.print(terminal)? }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
