//! `sealpush operator token`: the operator's own tokens, for the admin API over the network.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::api::admin::{NewTokenDocument, NewTokenRequest, TokenDocument, TokenList};
use crate::model::{Lifetime, OperatorRole, OperatorTokenId};

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Operator {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Debug, Subcommand)]
enum Subject {
    /// Make, list and revoke tokens for the operator's listener
    Token(Token),
}

#[derive(Debug, Args)]
struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token; prints it once
    Add(Add),
    /// List the tokens, without their secrets
    List(List),
    /// Revoke a token: it stops at once
    Revoke(Revoke),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush operator token add --role viewer --expires 90d
  curl -H \"Authorization: Bearer sp_o_…\" https://relay.internal:8481/metrics

The commands of this program need no token: they speak to the relay through its Unix socket.")]
struct Add {
    #[command(flatten)]
    file: ConfigFile,
    /// `viewer` reads, `owner` does everything
    #[arg(long, default_value = "viewer")]
    role: OperatorRole,
    /// For how long it counts: 12h, 90d. Until it is revoked where it is left out
    #[arg(long, value_name = "TIME")]
    expires: Option<Lifetime>,
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
struct Revoke {
    #[command(flatten)]
    file: ConfigFile,
    /// The token's id
    id: OperatorTokenId,
}

impl Operator {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let Subject::Token(token) = self.subject;
        match token.action {
            Action::Add(add) => add.run(terminal).await?,
            Action::List(list) => list.run(terminal).await?,
            Action::Revoke(revoke) => revoke.run(terminal).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let request = NewTokenRequest { role: self.role, expires_in: self.expires.map(Lifetime::seconds) };
        let added: NewTokenDocument = link.post("/admin/tokens", &request).await?;
        if self.json {
            return terminal.json(&added);
        }
        terminal.line(format_args!("id     {}", added.document.id))?;
        terminal.line(format_args!("token  {}", added.token))?;
        Ok(terminal.note("The token is shown this once; the relay keeps a hash of it.")?)
    }
}

impl List {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let mut tokens: Vec<TokenDocument> = Vec::new();
        let mut path = "/admin/tokens".to_owned();
        loop {
            let page: TokenList = link.get(&path).await?;
            tokens.extend(page.tokens);
            let Some(next) = page.next else { break };
            path = format!("/admin/tokens?after={next}");
        }
        if self.json {
            return terminal.json(&json!({ "tokens": tokens }));
        }
        terminal.heading(format_args!("{:36}  {:6}  {:10}  EXPIRES", "ID", "ROLE", "LAST USED"))?;
        for TokenDocument { id, role, expires_at, last_used_day } in tokens {
            let used = last_used_day.unwrap_or_else(|| "never".to_owned());
            let expires = expires_at.unwrap_or_else(|| "never".to_owned());
            terminal.line(format_args!("{id:36}  {:6}  {used:10}  {expires}", role.as_str()))?;
        }
        Ok(())
    }
}

impl Revoke {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        link.act(Method::DELETE, &format!("/admin/tokens/{}", self.id), None).await?;
        Ok(terminal.line(format_args!("{} is revoked.", self.id))?)
    }
}
