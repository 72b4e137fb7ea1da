//! `sealpush open`: one envelope, by hand, as the device does it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use sealpush_seal::{Envelope, Provenance, SeenInMemory, base64url};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::files::DeviceFile;
use super::input;
use super::printable::printable;
use super::terminal::Terminal;
use crate::base::{Clock, SystemClock, UnixMillis};

const AFTER_HELP: &str = r#"The key file is the device's own, with mode 0600 (`sealpush keys device` makes one):
  {"subscription": "<uuid>", "private_key": "<X25519 secret>", "identity_key": "<its server's Ed25519 public key>",
   "previous_private_keys": [{"key": "…", "replaced_at": "2026-01-31T12:00:00Z"}], "previous_identity_keys": [ … ]}
All keys are base64url. With identity_key the device takes what its server signed and nothing else; without it,
what the relay sealed and nothing else.

The content goes to standard output as it is; who sealed it and when, to standard error.

Examples:
  sealpush open --keys phone.json AQE…
  sealpush seal --keys server.json --to phone content.json | sealpush open --keys phone.json"#;

/// Open an envelope with a device's keys, and print its content
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Open {
    /// The device's key file
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// The envelope in base64url; `-` is standard input
    #[arg(default_value = "-")]
    envelope: String,
    /// Open it as if it were this time, RFC 3339: an envelope opens for 28 days
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Open {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let keys = DeviceFile::read(&self.keys)?;
        let text = if self.envelope == "-" {
            let bytes = input::read("-".as_ref())?;
            String::from_utf8(bytes.to_vec()).context("the envelope is not base64url text")?
        } else {
            self.envelope
        };
        let envelope = Envelope::from_base64url(text.trim_ascii())?;
        let now_ms = match &self.at {
            None => u64::try_from(SystemClock.now().0).unwrap_or(0),
            Some(text) => time_of(text)?,
        };
        let opened = keys.open(&envelope, now_ms, &mut SeenInMemory::new()).context(
            "this envelope is not for these keys, was changed on the way, is not signed by the server whose identity \
             key the file holds, or is older than 28 days; which of these it is, nobody is told",
        )?;
        let provenance = match opened.provenance {
            Provenance::SignedBySender => "signed_by_sender",
            Provenance::SealedByRelay => "sealed_by_relay",
        };
        let sealed_at = UnixMillis(i64::try_from(opened.sealed_at_ms).unwrap_or(i64::MAX));
        if self.json {
            let content: Option<Value> = serde_json::from_slice(&opened.content).ok();
            terminal.json(&json!({
                "content": content,
                "content_base64url": base64url::encode(&opened.content),
                "provenance": provenance,
                "sealed_at": sealed_at.to_string(),
                "delivery": opened.delivery.to_string(),
                "subscription": keys.subscription().to_string(),
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        // What a stranger sealed must not steer the terminal; --json gives the exact bytes.
        let shown = String::from_utf8_lossy(&opened.content);
        let lines: Vec<_> = shown.split('\n').map(printable).collect();
        terminal.line(lines.join("\n"))?;
        let by = match opened.provenance {
            Provenance::SignedBySender => "signed by its own server",
            Provenance::SealedByRelay => "sealed by the relay, which could read it",
        };
        terminal.note(format_args!("{by}, at {sealed_at}, delivery {}", opened.delivery))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn time_of(text: &str) -> anyhow::Result<u64> {
    let at = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
        .context("--at must be a time such as 2026-01-31T12:00:00Z")?;
    u64::try_from(at.unix_timestamp_nanos() / 1_000_000).context("--at must be after 1970")
}
