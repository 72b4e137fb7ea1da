//! `sealpush seal`: one envelope, by hand.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use sealpush_seal::{DeliveryId, Sealer, SubscriptionId, SubscriptionPublicKey, seal};
use serde_json::json;

use super::files::SenderFile;
use super::input;
use super::terminal::Terminal;
use crate::base::{Clock, EntropyRng, OsEntropy, SystemClock};

const AFTER_HELP: &str = r#"Any bytes can be sealed, at most 2,613; what Sealpush's own tools show is JSON with title, body and data.

Examples:
  echo '{"title":"Anna","body":"See you at eight?"}' | sealpush seal --keys server.json --to "Anna's phone"
  sealpush seal --keys server.json --subscription 0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d --subscription-key q83v… content.json
  sealpush seal … | sealpush open --keys phone.json"#;

/// Seal content for one device, sign it, and print the envelope
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Seal {
    /// The sender's key file: its identity key signs (`sealpush send --help` describes it)
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// A device of the key file, by name or subscription
    #[arg(
        long,
        value_name = "DEVICE",
        required_unless_present = "subscription",
        conflicts_with = "subscription"
    )]
    to: Option<String>,
    /// A subscription that is not in the key file
    #[arg(long, value_name = "UUID", requires = "subscription_key")]
    subscription: Option<SubscriptionId>,
    /// Its public key, in base64url
    // Base64url may begin with a hyphen.
    #[arg(long, value_name = "KEY", requires = "subscription", allow_hyphen_values = true)]
    subscription_key: Option<String>,
    /// What to seal; `-` is standard input
    #[arg(default_value = "-")]
    content: PathBuf,
    /// As one JSON document, with the delivery id and the size
    #[arg(long)]
    json: bool,
}

impl Seal {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let file = SenderFile::read(&self.keys)?;
        let identity = file.identity.as_ref().with_context(|| {
            format!(
                "{} has no identity_key to sign with; `sealpush keys identity` makes one",
                self.keys.display()
            )
        })?;
        let (subscription, key) = self.target(&file)?;
        let content = input::read(&self.content)?;
        let rng = &mut EntropyRng(&OsEntropy);
        let now_ms = u64::try_from(SystemClock.now().0).unwrap_or(0);
        let delivery = DeliveryId::random(rng);
        let envelope = seal(&content, subscription, &key, delivery, Sealer::Sender(identity), now_ms, rng)?;
        if self.json {
            terminal.json(&json!({
                "envelope": envelope.to_base64url(),
                "subscription": subscription.to_string(),
                "delivery": delivery.to_string(),
                "content_bytes": content.len(),
                "envelope_bytes": envelope.as_bytes().len(),
            }))?;
        } else {
            terminal.line(envelope.to_base64url())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// For whom: the key comes from the key file or the command line, and from nowhere else.
    fn target(&self, file: &SenderFile) -> anyhow::Result<(SubscriptionId, SubscriptionPublicKey)> {
        if let (Some(subscription), Some(key)) = (self.subscription, &self.subscription_key) {
            let key =
                SubscriptionPublicKey::from_base64url(key).context("--subscription-key cannot be used")?;
            return Ok((subscription, key));
        }
        let name = self.to.as_deref().unwrap_or_default();
        let device = file.device(name)?;
        let key =
            device.key.with_context(|| format!("`{name}` gave no key: nothing can be sealed for it"))?;
        Ok((device.subscription, key))
    }
}
