//! `sealpush storage`: copies of the database, made and put back.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;

use super::config_file::ConfigFile;
use super::relay_user::check_relay_user;
use super::terminal::Terminal;
use crate::base::{Clock, SystemClock};
use crate::privacy::StorageKeyring;
use crate::storage::StorageError;
use crate::storage::sqlite::{Restored, back_up, restore};

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Storage {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write a copy of the database, while the relay runs or not
    Backup(Backup),
    /// Put a copy in the place of the database, while no relay runs
    Restore(Restore),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: sudo -u sealpush sealpush storage backup /var/backups/sealpush/$(date +%F).db

The copy is of one moment, is whole, and has nothing in it that was erased before. The storage key is not in it: \
keep a copy of that in another place, once. Copy sealpush.db.erased and sealpush.db.removed along, as often as you can: \
they keep senders, registrations and subscriptions that were erased since from coming back.")]
struct Backup {
    #[command(flatten)]
    file: ConfigFile,
    /// The file to write; it must not exist
    to: PathBuf,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  systemctl stop sealpush
  sudo -u sealpush sealpush storage restore /var/backups/sealpush/2026-11-21.db
  sudo -u sealpush sealpush check --offline
  systemctl start sealpush

The backup is checked, brought to this release's schema and cleaned before it takes the place of the database, which \
is kept beside it. What was erased and removed on request since the backup is removed from it again. Where the database that is there \
can be read, nothing comes back that was removed, revoked, used or made stricter since; where it is lost, the command \
says what counts again. docs/OPERATING.md has the table.")]
struct Restore {
    #[command(flatten)]
    file: ConfigFile,
    /// The backup
    from: PathBuf,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Storage {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Backup(backup) => backup.run(terminal).await?,
            Action::Restore(restore) => restore.run(terminal).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Backup {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let config = self.file.load(terminal)?;
        let (from, to) = (&config.storage.path, self.to.display());
        anyhow::ensure!(!self.to.exists(), "{to} is there already; name a file that is not");
        terminal.busy(format_args!("copying {}", from.display()))?;
        let copied = back_up(from, &self.to).await;
        terminal.rest()?;
        copied.with_context(|| format!("cannot copy {} to {to}", from.display()))?;
        let bytes = std::fs::metadata(&self.to)?.len();
        if self.json {
            return terminal.json(&json!({ "file": self.to, "bytes": bytes }));
        }
        terminal.line(format_args!("{to} is a copy of {} ({bytes} bytes).", from.display()))?;
        Ok(terminal.note("It is worthless without the storage key, which is not in it.")?)
    }
}

impl Restore {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let config = self.file.load(terminal)?;
        check_relay_user(&config)?;
        let (from, database) = (self.from.display(), config.storage.path.display());
        anyhow::ensure!(self.from.is_file(), "there is no file {from}");
        let keys = StorageKeyring::of(&config.storage);
        terminal.busy(format_args!("checking and copying {from}"))?;
        let restored = restore(&self.from, &config.storage.path, keys, SystemClock.now()).await;
        terminal.rest()?;
        let restored = restored.map_err(|error| match error {
            StorageError::Locked(_) => {
                anyhow::Error::new(error).context("a relay runs: a database is replaced only where none does")
            }
            error => anyhow::Error::new(error)
                .context(format!("{from} cannot be restored, and nothing has changed")),
        })?;
        let Restored { replaced, erased, removed, complete, taken_back, waiting } = restored;
        if self.json {
            return terminal.json(&json!({
                "database": config.storage.path, "replaced": replaced, "senders_erased_again": erased,
                "removed_again": removed,
                "complete": complete, "invites_and_tokens_taken_back": taken_back, "waiting": waiting,
            }));
        }
        terminal
            .line(format_args!("{from} is the database {database} now; {waiting} deliveries wait in it."))?;
        if let Some(replaced) = replaced {
            terminal.line(format_args!("What was there is kept as {}.", replaced.display()))?;
        }
        if erased > 0 {
            terminal.line(format_args!("{erased} sender(s) that were erased since are erased again."))?;
        }
        if removed > 0 {
            terminal.line(format_args!(
                "{removed} registration(s) and subscription(s) that were removed since are removed again."
            ))?;
        }
        if complete {
            return Ok(terminal
                .note("What happened since the backup was taken over from it, as was its audit log.")?);
        }
        say_what_counts_again(taken_back, terminal)
    }
}

/// Where nobody could tell what happened since the backup: in the order in which it matters.
fn say_what_counts_again(taken_back: u64, terminal: &mut Terminal) -> anyhow::Result<()> {
    terminal.note(
        "The database that was there could not tell what else happened since the backup, so all of this is as it was then:",
    )?;
    for (what, mend) in [
        (
            "credentials that were revoked since count again",
            "ask the administrator of each sender to look at `sealpush credential list` and revoke them",
        ),
        (
            "senders that were suspended since are active, and content policies and names are the old ones",
            "see `sealpush sender list`; `sealpush sender suspend` stops one",
        ),
        (
            "device tokens that were replaced since are the old ones, and relay keys that apps took back count again; so \
             does what was removed since, where sealpush.db.removed was not beside the database",
            "nothing: their push service or their app says so, and they open nothing that is not for them",
        ),
        ("what went out since goes out again, which devices show once", "nothing"),
        ("the audit log ends with the backup", "keep the file that was there, if any of it can be read"),
    ] {
        terminal.aside(format_args!("  - {what}\n    -> {mend}"))?;
    }
    let again = format_args!(
        "{taken_back} invite(s) and operator token(s) were not brought back, because nobody knows which were used or \
         revoked: `sealpush sender invite` and `sealpush operator token add` make new ones."
    );
    Ok(terminal.aside(again)?)
}
