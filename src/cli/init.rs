//! `sealpush init`: a first config with fresh keys, and what to do next.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::program::program;
use super::terminal::Terminal;
use crate::base::{Clock, OsEntropy, SystemClock};
use crate::config::{Account, NewConfig, WrittenConfig};
use crate::privacy::RegistrationKeys;

/// Where the systemd unit expects what it runs on.
const CONFIG: &str = "/etc/sealpush";
const DATABASE: &str = "/var/lib/sealpush/sealpush.db";

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush init push.example.org             (in an empty folder; as root on an installed system: /etc/sealpush)
  sealpush init --folder relay --name \"Example push relay\" --contact push@example.org

It writes sealpush.toml, in which every setting is explained, fresh keys that only the relay can read, and an \
empty folder for apps. Nothing is ever overwritten. Keep copies of storage.key and long-term.key in another place \
than the database's backup.")]
pub(super) struct Init {
    /// The name under which senders and apps will reach the relay
    host: Option<String>,
    /// Where the config shall be [default: /etc/sealpush as root where the account `sealpush` exists, else here]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// What the relay calls itself [default: the host]
    #[arg(long)]
    name: Option<String>,
    /// How senders reach you: an e-mail address or a page [default: postmaster@ the host]
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
}

impl Init {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let installed = self.folder.is_none() && rustix::process::geteuid().is_root();
        let relay = Account::of_relay().filter(|_| installed);
        let here = || PathBuf::from(".");
        let folder = self.folder.unwrap_or_else(|| relay.as_ref().map_or_else(here, |_| CONFIG.into()));
        let new = NewConfig {
            database: relay.as_ref().map(|_| DATABASE.into()),
            folder,
            host: self.host,
            name: self.name,
            contact: self.contact,
            relay,
        };
        let now = SystemClock.now();
        let written = new.write(now, &OsEntropy)?;
        let (keys, ring) = (&written.registration, &written.config.registration_keys);
        for (file, what) in [
            (&written.file, "every setting, explained"),
            (&written.storage_key, "fresh; keep a copy away from the database's backup"),
            (&keys.long_term, "fresh; keep a copy of it too"),
            (&keys.ring, "fresh; apps seal registrations to it, for a year"),
        ] {
            terminal.line(format_args!("{:24} {what}", file.display().to_string()))?;
        }
        if let Some(shown) = RegistrationKeys::new(ring.as_ref()).shown(now) {
            terminal.line(format_args!(
                "\nlong-term key, public half, for your app's build:\n  {}",
                shown.long_term
            ))?;
        }
        advice(&new, &written, terminal)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What to do about TLS, and the next three commands.
fn advice(new: &NewConfig, written: &WrittenConfig, terminal: &mut Terminal) -> anyhow::Result<()> {
    if let Some(url) = &written.config.relay.public_url {
        terminal.aside(format_args!(
            "\n{url} needs a certificate: let a reverse proxy on this machine pass it to {}, or see [listen] in the \
             config: the relay takes one from files, or orders it itself (ACME).",
            written.config.listen[0].at
        ))?;
    } else {
        terminal.aside("\nSay how senders reach you: relay.contact in the config is still the example's.")?;
    }
    let (program, beside) = (program(), new.relay.is_none() && written.file.parent() == Some(".".as_ref()));
    let prefix = if new.relay.is_some() { "sudo -u sealpush " } else { "" };
    let config = if beside || new.relay.is_some() {
        String::new()
    } else {
        format!(" --config {}", written.file.display())
    };
    let start = match &new.relay {
        Some(_) => "systemctl enable --now sealpush".to_owned(),
        None => format!("{program} serve{config}"),
    };
    terminal.aside(format_args!(
        "\nNext:\n  {prefix}{program} app add --help        (your app, and its keys from Apple and Google)\n  \
         {prefix}{program} check{config}        (what is missing, and how to mend it)\n  {start}"
    ))?;
    Ok(())
}
