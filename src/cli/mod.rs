//! Faces for people at a terminal: each command in its file.
//!
//! Owns arguments, help, what is printed and the exit code: 0 it went well, 1 it failed, 2 the command line
//! was wrong. Must not hold rules or SQL: commands call [`crate::operator`], [`crate::config`] and
//! [`crate::server`]. Read next: `serve.rs`, `sender.rs`.

mod config;
mod config_file;
mod overview;
mod terminal;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use terminal::Terminal;

const AFTER_HELP: &str = "\
The first steps of an operator:
  sealpush config example > sealpush.toml
  sealpush app add chat --help
  sealpush config check
  sealpush serve

Exit codes: 0 it went well, 1 it failed, 2 the command line was wrong.";

/// The push relay that cannot read your notifications.
///
/// Servers that other people run hand it notifications whose content is sealed for one device; it passes them
/// on to Apple and Google, and remembers as little as it can. It is for the publisher of an app: store builds
/// of other publishers' apps cannot use it.
#[derive(Debug, Parser)]
#[command(name = "sealpush", version, after_help = AFTER_HELP)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the config, or print an example
    Config(config::Config),
    /// Print the release
    Version(version::Version),
}

/// Runs the command line that this process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    let mut terminal = Terminal::new();
    let done = match command {
        Command::Config(command) => command.run(&mut terminal),
        Command::Version(command) => command.run(&mut terminal),
    };
    match done {
        Ok(code) => code,
        Err(error) => terminal.failed(&error),
    }
}
