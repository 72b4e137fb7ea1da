//! `sealpush completions` and `sealpush man`: what a shell and a pager want to know of the commands.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Command, ValueEnum};
use clap_complete::{Shell, generate};

use super::terminal::Terminal;

/// The arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush completions bash > /usr/share/bash-completion/completions/sealpush
  sealpush completions zsh > /usr/share/zsh/site-functions/_sealpush
  sealpush completions fish > ~/.config/fish/completions/sealpush.fish

A new shell knows them.")]
pub(super) struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Choice,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
    Bash,
    Zsh,
    Fish,
}

/// The arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  sealpush man /usr/share/man/man1
  man sealpush-check")]
pub(super) struct Man {
    /// Where the pages go; the directory must exist
    folder: PathBuf,
}

impl Completions {
    pub(super) fn run(self, mut command: Command, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let shell = match self.shell {
            Choice::Bash => Shell::Bash,
            Choice::Zsh => Shell::Zsh,
            Choice::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generate(shell, &mut command, "sealpush", &mut script);
        terminal.text(std::str::from_utf8(&script).context("a completion script is text")?)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Man {
    pub(super) fn run(self, command: Command, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let folder = self.folder.display();
        clap_mangen::generate_to(command, &self.folder)
            .with_context(|| format!("cannot write the pages to {folder}"))?;
        terminal.note(format_args!("The pages are in {folder}; `man sealpush` is the first."))?;
        Ok(ExitCode::SUCCESS)
    }
}
