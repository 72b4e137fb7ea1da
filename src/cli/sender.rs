//! `sealpush sender`: the servers that may use the relay.

use std::io::{IsTerminal, stdin};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;

use super::config_file::ConfigFile;
use super::invite;
use super::operator_link::OperatorLink;
use super::printable::printable;
use super::receipt;
use super::sender_usage::SenderUsage;
use super::terminal::Terminal;
use crate::api::admin::{
    LimitedSenderList, NewCredentialDocument, NewSenderDocument, NewSenderRequest, SenderDocument, SenderList,
};
use crate::model::{ContentPolicy, SenderId};

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Sender {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Let a server use the relay; prints its credential once
    Add(Add),
    /// List the senders
    List(List),
    /// Show which senders are at a limit now
    Limits(List),
    /// Show what senders share of their usage
    Usage(SenderUsage),
    /// Stop a sender; what it had waiting ends
    Suspend(Change),
    /// Let a suspended sender go on
    Resume(Change),
    /// Erase a sender with everything of it, for ever
    Erase(Erase),
    /// Make invites, by each of which one server joins; prints their codes once
    Invite(invite::Invite),
    /// List the invites, without their codes
    Invites(invite::Invites),
    /// Take back an invite that nobody has used
    RevokeInvite(invite::RevokeInvite),
    /// Give a sender that lost its credentials a new one; prints it once
    Credential(Credential),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush sender add \"chat.example.org\"
  sealpush sender add \"old server\" --content-policy seal_or_omit
  sealpush sender add \"chat.example.org\" --json | jq -r .credential

The credential (sp_s_…) is shown once; the relay keeps a hash of it. Hand it to the server's \
administrator over a channel that you trust.")]
struct Add {
    #[command(flatten)]
    file: ConfigFile,
    /// A name for you and the sender's administrator
    name: String,
    /// How the sender's content is treated: `sealed_only`, `seal_or_omit` or `clear_allowed`
    #[arg(long, value_name = "POLICY", default_value = "sealed_only")]
    content_policy: ContentPolicy,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Change {
    #[command(flatten)]
    file: ConfigFile,
    /// The sender's id
    id: SenderId,
}

#[derive(Debug, Args)]
struct Credential {
    #[command(flatten)]
    file: ConfigFile,
    /// The sender's id
    id: SenderId,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    change: Change,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The receipt as one JSON document
    #[arg(long)]
    json: bool,
}

impl Sender {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Add(add) => add.run(terminal).await?,
            Action::List(list) => list.run(terminal).await?,
            Action::Limits(limits) => limits.limited(terminal).await?,
            Action::Usage(usage) => usage.run(terminal).await?,
            Action::Suspend(change) => change.run(terminal, "suspend", "suspended").await?,
            Action::Resume(change) => change.run(terminal, "resume", "active again").await?,
            Action::Erase(erase) => erase.run(terminal).await?,
            Action::Invite(invite) => invite.run(terminal).await?,
            Action::Invites(invites) => invites.run(terminal).await?,
            Action::RevokeInvite(revoke) => revoke.run(terminal).await?,
            Action::Credential(credential) => credential.run(terminal).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let request = NewSenderRequest { name: self.name, content_policy: Some(self.content_policy) };
        let added: NewSenderDocument = link.post("/admin/senders", &request).await?;
        if self.json {
            return terminal.json(&added);
        }
        terminal.line(format_args!("sender      {}", added.sender.id))?;
        terminal.line(format_args!("credential  {}", added.credential))?;
        Ok(terminal.note("The credential is shown this once; the relay keeps a hash of it.")?)
    }
}

impl List {
    async fn limited(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let limited: LimitedSenderList = link.get("/admin/limits").await?;
        if self.json {
            return terminal.json(&limited);
        }
        for one in &limited.senders {
            terminal.line(format_args!("{}  {}", one.sender, one.limit))?;
        }
        for limit in &limited.networks {
            terminal.line(format_args!("a network  {limit}"))?;
        }
        if limited.senders.is_empty() && limited.networks.is_empty() {
            terminal.note("Nobody is at a limit now.")?;
        }
        Ok(())
    }

    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let mut senders: Vec<SenderDocument> = Vec::new();
        let mut path = "/admin/senders".to_owned();
        loop {
            let page: SenderList = link.get(&path).await?;
            senders.extend(page.senders);
            let Some(next) = page.next else { break };
            path = format!("/admin/senders?after={next}");
        }
        if self.json {
            return terminal.json(&json!({ "senders": senders }));
        }
        terminal
            .heading(format_args!("{:36}  {:9}  {:13}  {:10}  NAME", "ID", "STATE", "POLICY", "SINCE"))?;
        for sender in senders {
            let SenderDocument { id, name, state, content_policy, created_day } = sender;
            // A server that joined chose its name itself.
            let (name, state, policy) = (printable(&name), state.as_str(), content_policy.as_str());
            terminal.line(format_args!("{id:36}  {state:9}  {policy:13}  {created_day:10}  {name}"))?;
        }
        Ok(())
    }
}

impl Change {
    async fn run(self, terminal: &mut Terminal, action: &str, done: &str) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        link.act(Method::POST, &format!("/admin/senders/{}/{action}", self.id), None).await?;
        Ok(terminal.line(format_args!("{} is {done}.", self.id))?)
    }
}

impl Credential {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let path = format!("/admin/senders/{}/credentials", self.id);
        let added: NewCredentialDocument = link.post(&path, &json!({})).await?;
        if self.json {
            return terminal.json(&added);
        }
        terminal.line(format_args!("credential  {}", added.credential))?;
        Ok(terminal.note(
            "It is shown this once. The sender's other credentials still count; its administrator removes them with \
             `sealpush credential revoke`.",
        )?)
    }
}

impl Erase {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let id = self.change.id;
        let link = OperatorLink::open(&self.change.file.load(terminal)?).await?;
        if !self.yes {
            confirm(terminal, id)?;
        }
        let erased = link.delete(&format!("/admin/senders/{id}")).await?;
        receipt::print(terminal, &erased, self.json)
    }
}

/// Asks a person, and refuses a script that did not say `--yes`.
fn confirm(terminal: &mut Terminal, id: SenderId) -> anyhow::Result<()> {
    if !stdin().is_terminal() {
        bail!("erasing cannot be undone; say `--yes` to do it without being asked");
    }
    terminal.note(format_args!(
        "This erases the sender's credentials, subscriptions, notifications and outcomes. Its devices must subscribe anew."
    ))?;
    terminal.note(format_args!("Type the sender's id to go on:"))?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    if answer.trim() != id.to_string() {
        bail!("that is not {id}; nothing was erased");
    }
    Ok(())
}
