//! `sealpush sender invite`, `invites` and `revoke-invite`: codes by which servers join.

use clap::Args;
use http::Method;
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::api::admin::{InviteDocument, InviteList, NewInviteList, NewInvitesRequest};
use crate::model::{InviteId, Lifetime};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush sender invite
  sealpush sender invite --expires 12h --count 20 --json | jq -r .invites[].code

Each code (sp_i_…) lets one server join, once. Hand it to the server's administrator over a channel that you trust; \
they run `sealpush join` with it, or give it to a server that joins by itself.")]
pub(super) struct Invite {
    #[command(flatten)]
    file: ConfigFile,
    /// For how long each can be used: 30m, 12h, 7d
    #[arg(long, value_name = "TIME", default_value = "7d")]
    expires: Lifetime,
    /// How many, 1 to 100
    #[arg(long, default_value_t = 1)]
    count: u32,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Invites {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RevokeInvite {
    #[command(flatten)]
    file: ConfigFile,
    /// The invite's id
    id: InviteId,
}

impl Invite {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let config = self.file.load(terminal)?;
        let link = OperatorLink::open(&config).await?;
        let request = NewInvitesRequest { count: self.count, expires_in: Some(self.expires.seconds()) };
        let made: NewInviteList = link.post("/admin/invites", &request).await?;
        if self.json {
            return terminal.json(&made);
        }
        let relay = config.relay.public_url.as_deref();
        let url = relay.unwrap_or("https://YOUR-RELAY");
        for invite in &made.invites {
            terminal.line(format_args!("sealpush join {url} {}", invite.code))?;
        }
        if let Some(one) = made.invites.first() {
            terminal.note(format_args!(
                "Each line is for one server's administrator, until {}. Codes are shown this once.",
                one.expires_at
            ))?;
        }
        if relay.is_none() {
            terminal
                .note("Name the relay's address as relay.public_url in the config, and it stands here.")?;
        }
        Ok(())
    }
}

impl Invites {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let mut invites: Vec<InviteDocument> = Vec::new();
        let mut path = "/admin/invites".to_owned();
        loop {
            let page: InviteList = link.get(&path).await?;
            invites.extend(page.invites);
            let Some(next) = page.next else { break };
            path = format!("/admin/invites?after={next}");
        }
        if self.json {
            return terminal.json(&json!({ "invites": invites }));
        }
        terminal.heading(format_args!("{:36}  {:6}  EXPIRES", "ID", "STATE"))?;
        for InviteDocument { id, expires_at, used } in invites {
            let state = if used { "used" } else { "unused" };
            terminal.line(format_args!("{id:36}  {state:6}  {expires_at}"))?;
        }
        Ok(())
    }
}

impl RevokeInvite {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        link.act(Method::DELETE, &format!("/admin/invites/{}", self.id), None).await?;
        Ok(terminal.line(format_args!("{} is revoked.", self.id))?)
    }
}
