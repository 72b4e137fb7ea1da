//! `sealpush send`: a sender at the terminal. Seals for each device under the key that stands in the sender's own
//! key file, submits, and prints what became of it.
//!
//! Must not ask anybody for a key: there is no call for it. Read next: `batch.rs`.

mod batch;
mod notification_file;
mod report;
mod submit;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::client::{Hop, HttpClient, SenderClient, Trust};
use super::files::{SenderDevice, SenderFile};
use super::input;
use super::printable::printable;
use super::terminal::Terminal;
use crate::base::{OsEntropy, SystemClock};
use crate::model::{Kind, Urgency};

pub(crate) use batch::{Batch, MOST_TARGETS, Sealing};
pub(crate) use notification_file::{NotificationFile, SendOptions};
pub(crate) use report::SendReport;
pub(crate) use submit::submit;

const AFTER_HELP: &str = r#"The key file holds what the devices' apps handed to this sender over their own login; it must have mode 0600:
  {"relay": "https://push.example.org",       where the relay is
   "ca_file": "ca.pem",                       optional: the one certificate authority to trust for it
   "sender": "<uuid>",                        optional: this sender's id, for its apps
   "credential": "sp_s_…",                    from `sealpush join`
   "identity_key": "<base64url>",             Ed25519 secret, from `sealpush keys identity`
   "devices": [{"name": "Anna's phone", "subscription": "<uuid>", "subscription_key": "<base64url>"}]}

The notification is JSON: {"title": "…", "body": "…", "data": {…}}, and optionally urgency, ttl, collapse_key, kind
and reference.

Examples:
  echo '{"title":"Anna","body":"See you at eight?"}' | sealpush send --keys server.json
  sealpush send --keys server.json --to "Anna's phone" --urgency normal notification.json

Exit codes: 0 every target was accepted by its push service, 1 something failed, 2 the command line was wrong,
3 some targets were not accepted, or are not decided yet."#;

/// Seal a notification for devices and hand it to the relay
///
/// Each device that gave a key gets an envelope that it alone opens. Devices without a key get a notification
/// without content, unless --relay-may-read says otherwise.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Send {
    /// The sender's key file
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// The notification as JSON; `-` is standard input
    #[arg(default_value = "-")]
    notification: PathBuf,
    /// A device of the key file, by name or subscription; may be repeated. All of them where it is left out
    #[arg(long, value_name = "DEVICE")]
    to: Vec<String>,
    /// Let the relay read the content for devices that gave no key: it seals it at once, or omits it
    #[arg(long)]
    relay_may_read: bool,
    /// very-low, low, normal or high
    #[arg(long, value_parser = parsed::<Urgency>)]
    urgency: Option<Urgency>,
    /// Seconds for which the push service keeps it, at most 2,419,200
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u64>,
    /// Newer notifications with the same key replace this one while it waits
    #[arg(long, value_name = "KEY")]
    collapse_key: Option<String>,
    /// alert, background or voip
    #[arg(long, value_parser = parsed::<Kind>)]
    kind: Option<Kind>,
    /// By which devices that get no content fetch it from this sender: random, at most 64 bytes
    #[arg(long)]
    reference: Option<String>,
    /// Do not wait for outcomes: the relay answers when it has promised
    #[arg(long)]
    no_wait: bool,
    /// For how long to try again where the relay cannot be reached or is too busy, and to wait for what is not decided
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    retry_for: u64,
    /// The outcomes as one JSON document
    #[arg(long)]
    json: bool,
}

/// A value whose names serde knows.
fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

impl Send {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let file = SenderFile::read(&self.keys)?;
        let notification = NotificationFile::parse(&input::read(&self.notification)?)?;
        let options = notification.options.overridden_by(SendOptions {
            urgency: self.urgency,
            ttl: self.ttl,
            collapse_key: self.collapse_key,
            kind: self.kind,
            reference: self.reference,
            no_wait: self.no_wait,
        });
        let devices = chosen(&file, &self.to)?;
        note_what_is_readable(terminal, &devices, self.relay_may_read)?;
        let hop = Hop::parse("the relay", &file.relay)?;
        let trust = Trust::new(file.ca_file.as_deref())?;
        let SenderFile { credential, identity, .. } = file;
        let client = SenderClient::new(HttpClient::new(trust), hop, credential);
        let sealing = Sealing {
            identity: identity.as_ref(),
            clock: &SystemClock,
            entropy: &OsEntropy,
            relay_may_read: self.relay_may_read,
        };
        let progress = progress_bar(devices.len(), self.json);
        let mut report = SendReport::default();
        for some in devices.chunks(MOST_TARGETS) {
            let batch = Batch::seal(&notification.content, &options, some, &sealing)
                .context("the content cannot be sealed")?;
            let retrying = |error: &_, wait: Duration| {
                progress
                    .suspend(|| terminal.note(format_args!("{error}. Trying again in {} s.", wait.as_secs())))
                    .unwrap_or_default();
            };
            match submit(&client, &batch, Duration::from_secs(self.retry_for), retrying).await {
                Ok(answer) => {
                    let labels = some.iter().map(|one| (one.subscription.to_string(), one.label()));
                    let labels: HashMap<_, _> = labels.collect();
                    for target in answer.targets {
                        let name = labels.get(&target.subscription).map_or("", String::as_str);
                        report.add(printable(name), batch.sent[&target.subscription], target);
                    }
                    report.notifications.push(batch.id);
                    progress.inc(some.len() as u64);
                }
                Err(error) => {
                    report.error = Some(error.to_string());
                    break;
                }
            }
        }
        progress.finish_and_clear();
        report.unanswered = devices.len() - report.targets.len();
        if self.json {
            terminal.json(&report)?;
        } else {
            report.print(terminal)?;
        }
        if let (Some(error), false) = (&report.error, self.json) {
            return Err(anyhow::anyhow!("{error}"));
        }
        Ok(report.exit_code(options.no_wait))
    }
}

/// The devices that are meant.
fn chosen(file: &SenderFile, names: &[String]) -> anyhow::Result<Vec<SenderDevice>> {
    anyhow::ensure!(
        !file.devices.is_empty(),
        "the key file has no devices: a device's app hands its subscription and key to its server, which writes them there"
    );
    if names.is_empty() {
        return Ok(file.devices.clone());
    }
    let mut all: Vec<SenderDevice> = Vec::new();
    for name in names {
        let device = file.device(name)?;
        if !all.contains(device) {
            all.push(device.clone());
        }
    }
    Ok(all)
}

fn note_what_is_readable(
    terminal: &mut Terminal,
    devices: &[SenderDevice],
    relay_may_read: bool,
) -> std::io::Result<()> {
    let keyless = devices.iter().filter(|device| device.key.is_none()).count();
    match (keyless, relay_may_read) {
        (0, _) => Ok(()),
        (some, true) => terminal.note(format_args!(
            "{some} of {} devices gave no key: the relay reads their content for a moment.",
            devices.len()
        )),
        (some, false) => terminal.note(format_args!(
            "{some} of {} devices gave no key and get no content (--relay-may-read would let the relay seal it).",
            devices.len()
        )),
    }
}

/// Progress on standard error, for many targets and on a terminal only.
fn progress_bar(targets: usize, quiet: bool) -> ProgressBar {
    if quiet || targets <= MOST_TARGETS {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40.green/dim} {human_pos}/{human_len} targets, {eta} left");
    ProgressBar::new(targets as u64).with_style(style.expect("the template is a constant that is valid"))
}
