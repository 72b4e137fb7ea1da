//! `sealpush keys`: makes the keys of both ends, and leads to the relay's own.
//!
//! Read next: `relay_keys/mod.rs`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use sealpush_seal::{IdentityKey, IdentityPublicKey, SubscriptionId, SubscriptionPrivateKey, base64url};
use serde_json::json;

use super::files::DeviceFile;
use super::relay_keys;
use super::terminal::Terminal;
use crate::base::{EntropyRng, OsEntropy};

const AFTER_HELP: &str = "\
A device and its own server exchange two things over the app's own login, and neither ever comes from the relay:
  the device gives its subscription id and public key (`sealpush keys device`),
  the server gives the public half of its identity key (`sealpush keys identity`).";

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make key files for the relay
    Generate(relay_keys::Generate),
    /// List the relay's own keys
    List(relay_keys::List),
    /// Put a new key in the place of one of the relay's, while it runs
    Rotate(relay_keys::Rotate),
    /// Make a sender's identity key, with which it signs what it seals
    Identity(Identity),
    /// Make a device's subscription and key pair, and write its key file
    Device(Device),
}

#[derive(Debug, Args)]
struct Identity {
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sealpush keys device --identity-key 3q2-… phone.json")]
struct Device {
    /// The key file to write; it must not exist
    file: PathBuf,
    /// The public identity key of its server. Without it the device takes only what the relay sealed
    // Base64url may begin with a hyphen.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    identity_key: Option<String>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Keys {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Generate(generate) => generate.run(terminal)?,
            Action::List(list) => list.run(terminal).await?,
            Action::Rotate(rotate) => rotate.run(terminal).await?,
            Action::Identity(identity) => identity.run(terminal)?,
            Action::Device(device) => device.run(terminal)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Identity {
    fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let key = IdentityKey::generate(&mut EntropyRng(&OsEntropy));
        let (secret, public) = (base64url::encode(&*key.to_bytes()), key.public().to_base64url());
        if self.json {
            return terminal.json(&json!({"identity_key": secret, "public": public}));
        }
        terminal.line(format_args!("identity_key  {secret}"))?;
        terminal.line(format_args!("public        {public}"))?;
        Ok(terminal
            .note("identity_key is secret and goes into the sender's key file; public goes to its apps.")?)
    }
}

impl Device {
    fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let shown = self.file.display();
        anyhow::ensure!(
            !Path::new(&self.file).exists(),
            "{shown} is there already, and may hold keys that are in use"
        );
        let identity = self.identity_key.as_deref().map(IdentityPublicKey::from_base64url).transpose();
        let identity = identity.context("--identity-key cannot be used")?;
        let rng = &mut EntropyRng(&OsEntropy);
        let (subscription, private) = (SubscriptionId::random(rng), SubscriptionPrivateKey::generate(rng));
        DeviceFile::new(subscription, &private, identity.as_ref()).write(&self.file)?;
        let public = private.public().to_base64url();
        if self.json {
            return terminal
                .json(&json!({"subscription": subscription.to_string(), "subscription_key": public}));
        }
        terminal.line(format_args!("subscription      {subscription}"))?;
        terminal.line(format_args!("subscription_key  {public}"))?;
        Ok(terminal
            .note(format_args!("Both go to the device's own server; the private key lies in {shown}."))?)
    }
}
