//! `sealpush credential`: a sender's administrator rotates the sender's credentials.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::client::{CredentialAnswer, CredentialRequest};
use super::own_credential::OwnCredential;
use super::own_sender::KeyFile;
use super::printable::printable;
use super::terminal::Terminal;
use crate::model::{CredentialId, Lifetime, Scope};

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Credential {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the sender's credentials, without their secrets
    List(List),
    /// Make a further credential, for another machine for example; prints it once
    Add(Add),
    /// Remove a credential: it stops at once
    Revoke(Revoke),
    /// Put a new credential into the key file, and remove the old one
    Rotate(Rotate),
}

/// What a credential may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScopeName {
    /// Send notifications and read their outcomes
    Notify,
    /// Make subscriptions from sealed registrations
    Register,
    /// Change the sender itself
    Admin,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    file: KeyFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sealpush credential add --keys server.json --scope notify --expires 90d")]
struct Add {
    #[command(flatten)]
    file: KeyFile,
    /// What it allows; may be repeated
    #[arg(long, required = true)]
    scope: Vec<ScopeName>,
    /// For how long it counts: 12h, 90d. Until it is removed where it is left out
    #[arg(long, value_name = "TIME")]
    expires: Option<Lifetime>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Revoke {
    #[command(flatten)]
    file: KeyFile,
    /// The credential's id
    id: CredentialId,
}

#[derive(Debug, Args)]
struct Rotate {
    #[command(flatten)]
    file: KeyFile,
    /// For how long the new one counts. Until it is removed where it is left out
    #[arg(long, value_name = "TIME")]
    expires: Option<Lifetime>,
    /// Leave the old one, for machines that still use it; `sealpush credential revoke` removes it
    #[arg(long)]
    keep_old: bool,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Notify => Self::Notify,
            ScopeName::Register => Self::Register,
            ScopeName::Admin => Self::Admin,
        }
    }
}

impl Credential {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::List(list) => list.run(terminal).await?,
            Action::Add(add) => add.run(terminal).await?,
            Action::Revoke(revoke) => revoke.run(terminal).await?,
            Action::Rotate(rotate) => rotate.run(terminal).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (file, client) = self.file.open()?;
        let own = OwnCredential::parse(&file.credential)?.id().to_string();
        let credentials = client.credentials().await?;
        if self.json {
            return terminal.json(&json!({ "credentials": credentials }));
        }
        terminal.heading(format_args!("  {:36}  {:21}  {:10}  EXPIRES", "ID", "SCOPES", "LAST USED"))?;
        for CredentialAnswer { id, scopes, expires_at, last_used_day } in credentials {
            let mark = if id == own { "*" } else { " " };
            let scopes: Vec<_> = scopes.into_iter().map(Scope::as_str).collect();
            let shown =
                |text: Option<String>| text.map_or_else(|| "never".to_owned(), |text| printable(&text));
            let (id, scopes) = (printable(&id), scopes.join(" "));
            let (used, expires) = (shown(last_used_day), shown(expires_at));
            terminal.line(format_args!("{mark} {id:36}  {scopes:21}  {used:10}  {expires}"))?;
        }
        Ok(terminal.note("* is the credential of the key file.")?)
    }
}

impl Add {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (_, client) = self.file.open()?;
        let new = OwnCredential::draw();
        let scopes = self.scope.iter().copied().map(Scope::from).collect();
        client.add_credential(&request(&new, scopes, self.expires)).await?;
        let (id, text) = (new.id().to_string(), new.text());
        if self.json {
            return terminal.json(&json!({"id": id, "credential": text.expose()}));
        }
        terminal.line(format_args!("id          {id}"))?;
        terminal.line(format_args!("credential  {}", text.expose()))?;
        Ok(terminal
            .note("The credential was drawn here and is shown this once; the relay keeps a hash of it.")?)
    }
}

impl Revoke {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (_, client) = self.file.open()?;
        client.remove_credential(self.id).await?;
        Ok(terminal.line(format_args!("{} is removed.", self.id))?)
    }
}

impl Rotate {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (mut file, client) = self.file.open()?;
        let old = OwnCredential::parse(&file.credential)?;
        let scopes =
            client.show().await?.credential.context("the relay did not say what the old one allows")?.scopes;
        ensure!(
            scopes.contains(&Scope::Admin),
            "the key file's credential lacks the scope admin; use one that has it"
        );
        let new = OwnCredential::draw();
        client.add_credential(&request(&new, scopes, self.expires)).await?;
        // Only what was seen to count takes the old one's place.
        let client = client.with(new.text());
        client
            .show()
            .await
            .context("the new credential does not count; the key file still has the old one")?;
        file.credential = new.text();
        file.write(self.file.path())?;
        if self.keep_old {
            terminal.line(format_args!("{} is in the key file; {} goes on counting.", new.id(), old.id()))?;
            return Ok(());
        }
        client.remove_credential(old.id()).await?;
        Ok(terminal.line(format_args!("{} is in the key file; {} is removed.", new.id(), old.id()))?)
    }
}

fn request(new: &OwnCredential, scopes: Vec<Scope>, expires: Option<Lifetime>) -> CredentialRequest {
    CredentialRequest {
        scopes,
        expires_in: expires.map(Lifetime::seconds),
        id: new.id().to_string(),
        secret_hash: new.secret_hash(),
    }
}
