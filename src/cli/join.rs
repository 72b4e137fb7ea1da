//! `sealpush join`: a server's administrator redeems an invite, and gets the sender's key file.
//!
//! The key file is written before the relay is asked: whatever happens on the way, the same command goes on where it
//! stopped, with the same credential.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use sealpush_seal::IdentityKey;
use serde_json::json;

use super::client::{ClientError, Hop, HttpClient, JoinRequest, OwnSenderClient, Trust};
use super::files::SenderFile;
use super::input;
use super::own_credential::OwnCredential;
use super::printable::printable;
use super::terminal::Terminal;
use crate::base::{EntropyRng, OsEntropy};
use crate::model::ContentPolicy;

/// Join a relay with its operator's invite, and write the sender's key file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush join https://push.example.org sp_i_… --name chat.example.org
  sealpush join https://push.example.org - < invite.txt

It draws the sender's credential and identity key on this machine and writes them to the key file (mode 0600), which \
`sealpush send` reads. If it fails on the way, run it again: it goes on with the same key file, and an invite is not \
used twice.

The id and the public identity key that it prints go to the devices of the server's app, over the app's own login.")]
pub(super) struct Join {
    /// The relay's address
    relay: String,
    /// The invite (`sp_i_…`); `-` reads it from standard input. None where the relay is open
    invite: Option<String>,
    /// A name for the relay's operator and you, 1 to 80 bytes: the server's own is best
    #[arg(long, default_value = "unnamed server")]
    name: String,
    /// `sealed_only`, or a looser one that the relay offers
    #[arg(long, value_name = "POLICY")]
    content_policy: Option<ContentPolicy>,
    /// The key file to write
    #[arg(long, value_name = "FILE", default_value = "server.json")]
    keys: PathBuf,
    /// The one certificate authority to trust for the relay, in place of the public ones
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Join {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let hop = Hop::parse("the relay", &self.relay)?;
        let invite = self.invite.as_deref().map(code).transpose()?;
        let begun = self.keys.exists();
        let mut file = if begun { unfinished(&self.keys, &hop)? } else { self.fresh(&hop)? };
        let trust = Trust::new(file.ca_file.as_deref())?;
        file.write(&self.keys)?;
        let credential = OwnCredential::parse(&file.credential)?;
        let client = OwnSenderClient::new(HttpClient::new(trust), hop, credential.text());
        let request = JoinRequest {
            name: self.name.clone(),
            invite,
            content_policy: self.content_policy,
            credential_id: credential.id().to_string(),
            secret_hash: credential.secret_hash(),
        };
        let sender = match client.join(&request).await {
            Ok(sender) => printable(&sender),
            Err(error) => return Err(self.failed(begun, error)),
        };
        file.sender = Some(sender.clone());
        file.write(&self.keys)?;
        let identity = file.identity.as_ref().map(|key| key.public().to_base64url()).unwrap_or_default();
        let keys = self.keys.display();
        if self.json {
            terminal.json(&json!({"sender": sender, "identity_key": identity, "keys": keys.to_string()}))?;
            return Ok(ExitCode::SUCCESS);
        }
        terminal.line(format_args!("sender        {sender}"))?;
        terminal.line(format_args!("identity key  {identity}"))?;
        terminal.note(format_args!(
            "Both go to the devices of your app. The secrets lie in {keys}; keep a copy."
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    /// A key file for a relay that was not asked yet.
    fn fresh(&self, hop: &Hop) -> anyhow::Result<SenderFile> {
        let ca_file = self.ca.as_deref().map(std::path::absolute).transpose();
        Ok(SenderFile {
            relay: hop.url().to_owned(),
            ca_file: ca_file.context("--ca cannot be used")?,
            sender: None,
            credential: OwnCredential::draw().text(),
            identity: Some(IdentityKey::generate(&mut EntropyRng(&OsEntropy))),
            devices: Vec::new(),
        })
    }

    /// What to say of a failure. A key file that was begun by this run and that the relay has refused is worth nothing.
    fn failed(&self, begun: bool, error: ClientError) -> anyhow::Error {
        let refused = matches!(&error, ClientError::Refused { status: 400..=499, .. });
        if refused && !begun {
            // What cannot be removed is found by the next run.
            let _ = std::fs::remove_file(&self.keys);
            return error.into();
        }
        let keys = self.keys.display();
        anyhow::Error::from(error).context(format!(
            "not joined yet; run the same command again, and it goes on with {keys}, which no invite is lost by"
        ))
    }
}

/// The code as it was given, or from standard input.
fn code(text: &str) -> anyhow::Result<String> {
    if text != "-" {
        return Ok(text.trim().to_owned());
    }
    let bytes = input::read(Path::new("-"))?;
    Ok(std::str::from_utf8(&bytes).context("standard input is no text")?.trim().to_owned())
}

/// The key file of an earlier run that got no answer.
fn unfinished(keys: &Path, hop: &Hop) -> anyhow::Result<SenderFile> {
    let file = SenderFile::read(keys)?;
    let shown = keys.display();
    if file.sender.is_some() {
        bail!("{shown} is the key file of a sender already; name another one with --keys");
    }
    ensure!(file.relay == hop.url(), "{shown} is for another relay; name another one with --keys");
    Ok(file)
}
