//! `sealpush self`: a sender's administrator reads, changes, exports and erases the sender at the relay.

mod export;

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};

use super::client::{ChangeRequest, Hop, HttpClient, OwnSenderAnswer, OwnSenderClient, Trust};
use super::files::SenderFile;
use super::printable::printable;
use super::receipt;
use super::terminal::Terminal;
use crate::base::Secret;
use crate::model::{ContentPolicy, Scope};
use export::Export;

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct OwnSender {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what the relay knows of the sender
    Show(Show),
    /// Change the sender's name or content policy
    Change(Change),
    /// Write everything that the relay holds about the sender to a file
    Export(Export),
    /// Erase the sender with everything of it, for ever
    Erase(Erase),
}

/// The key file of the sender whose administrator this is.
#[derive(Debug, Args)]
pub(super) struct KeyFile {
    /// The sender's key file, with a credential of the scope admin
    #[arg(long, value_name = "FILE", default_value = "server.json")]
    keys: PathBuf,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    file: KeyFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Change {
    #[command(flatten)]
    file: KeyFile,
    /// The new name, 1 to 80 bytes
    #[arg(long)]
    name: Option<String>,
    /// `sealed_only`, or a looser one that the relay offers
    #[arg(long, value_name = "POLICY")]
    content_policy: Option<ContentPolicy>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    file: KeyFile,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The receipt as one JSON document
    #[arg(long)]
    json: bool,
}

impl KeyFile {
    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.keys
    }

    /// The file, and a client with its credential.
    pub(super) fn open(&self) -> anyhow::Result<(SenderFile, OwnSenderClient)> {
        let file = SenderFile::read(&self.keys)?;
        let hop = Hop::parse("the relay", &file.relay)?;
        let trust = Trust::new(file.ca_file.as_deref())?;
        let credential = Secret::new(file.credential.expose().clone());
        Ok((file, OwnSenderClient::new(HttpClient::new(trust), hop, credential)))
    }
}

impl OwnSender {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Show(show) => {
                let answer = show.file.open()?.1.show().await?;
                print(terminal, &answer, show.json)?;
            }
            Action::Change(change) => change.run(terminal).await?,
            Action::Export(export) => export.run(terminal).await?,
            Action::Erase(erase) => erase.run(terminal).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Change {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let Self { file, name, content_policy, json } = self;
        ensure!(name.is_some() || content_policy.is_some(), "say what to change: --name or --content-policy");
        let answer = file.open()?.1.change(&ChangeRequest { name, content_policy }).await?;
        print(terminal, &answer, json)
    }
}

impl Erase {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (_, client) = self.file.open()?;
        let id = client.show().await?.id;
        if !self.yes {
            confirm(terminal, &id)?;
        }
        let erased = client.erase().await?;
        receipt::print(terminal, &erased, self.json)?;
        let keys = self.file.keys.display();
        Ok(terminal.note(format_args!("{keys} is of no more use; it still holds the identity key."))?)
    }
}

fn print(terminal: &mut Terminal, sender: &OwnSenderAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return terminal.json(sender);
    }
    terminal.line(format_args!("sender          {}", printable(&sender.id)))?;
    terminal.line(format_args!("name            {}", printable(&sender.name)))?;
    terminal.line(format_args!("state           {}", sender.state.as_str()))?;
    terminal.line(format_args!("content policy  {}", sender.content_policy))?;
    terminal.line(format_args!("since           {}", printable(&sender.created_day)))?;
    if let Some(credential) = &sender.credential {
        let scopes: Vec<_> = credential.scopes.iter().copied().map(Scope::as_str).collect();
        terminal.line(format_args!(
            "credential      {} ({})",
            printable(&credential.id),
            scopes.join(" ")
        ))?;
    }
    Ok(())
}

/// Asks a person, and refuses a script that did not say `--yes`.
fn confirm(terminal: &mut Terminal, id: &str) -> anyhow::Result<()> {
    if !stdin().is_terminal() {
        bail!("erasing cannot be undone; say `--yes` to do it without being asked");
    }
    terminal.note(
        "This erases the sender's credentials, subscriptions, notifications and outcomes. Its devices must subscribe anew.",
    )?;
    terminal.note(format_args!("Type the sender's id ({}) to go on:", printable(id)))?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    ensure!(answer.trim() == id, "that is not the sender's id; nothing was erased");
    Ok(())
}
