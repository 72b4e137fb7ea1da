//! `sealpush keys generate`: key files for a relay that has none yet.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::base::{Clock, OsEntropy, SystemClock};
use crate::cli::config_file::ConfigFile;
use crate::cli::terminal::Terminal;
use crate::config::{KeyPlaces, MadeRegistrationKeys};
use crate::privacy::{RegistrationKeys, StorageKey};

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sudo -u sealpush sealpush keys generate registration
  sealpush keys generate storage --config relay/sealpush.toml

The files are those that the config names, or storage.key, long-term.key and registration-keys.json beside it. No \
file is ever overwritten, and only its owner can read it. `sealpush init` makes them all.")]
pub(crate) struct Generate {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The long-term key, whose public half goes into your app, and the first key that apps seal registrations to
    Registration(Arguments),
    /// The key that the database is kept under
    Storage(Arguments),
}

#[derive(Debug, Args)]
struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Generate {
    pub(crate) fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        match self.what {
            What::Registration(arguments) => arguments.registration(terminal),
            What::Storage(arguments) => arguments.storage(terminal),
        }
    }
}

impl Arguments {
    fn registration(&self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let places = KeyPlaces::of(&self.file.path())?;
        let (files, now) = (&places.registration, SystemClock.now());
        let MadeRegistrationKeys { keyring, long_term_kept } = files.make(now, &OsEntropy)?;
        let shown = RegistrationKeys::new(Some(&keyring)).shown(now);
        let shown = shown.expect("a ring that was just made has a long-term key");
        let key = &shown.keys[0];
        if self.json {
            return terminal.json(&json!({
                "long_term_key_file": files.long_term, "long_term_key_made": !long_term_kept,
                "ring_file": files.ring, "long_term_public": shown.long_term,
                "registration_key": {
                    "id": key.id, "public": key.public,
                    "valid_from": key.valid_from.to_string(), "valid_until": key.valid_until.to_string(),
                },
            }));
        }
        let how = if long_term_kept { "was there, and stays" } else { "fresh; keep a copy in a safe place" };
        terminal.line(format_args!("{:24} {how}", files.long_term.display().to_string()))?;
        terminal.line(format_args!(
            "{:24} fresh; key {}, until {}",
            files.ring.display().to_string(),
            key.id,
            key.valid_until.day()
        ))?;
        terminal.line(format_args!(
            "\nlong-term key, public half, for your app's build:\n  {}",
            shown.long_term
        ))?;
        if !places.registration_is_named {
            let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            terminal.aside(format_args!(
                "\nTo turn sealed registrations on, write into the config\n  [registration_keys]\n  long_term_key_file = \
                 \"{}\"\n  ring_file = \"{}\"\nand then `sealpush reload`, if the relay runs.",
                name(&files.long_term),
                name(&files.ring)
            ))?;
        }
        Ok(())
    }

    fn storage(&self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let file = KeyPlaces::of(&self.file.path())?;
        let key = file.make_storage_key(&OsEntropy)?;
        let id = StorageKey::from_bytes(*key.expose()).id().to_string();
        if self.json {
            return terminal.json(&json!({"key_file": file.storage, "id": id}));
        }
        terminal.line(format_args!("{:24} fresh; key {id}", file.storage.display().to_string()))?;
        Ok(terminal.note(
            "Without this key the database is worthless: keep a copy, away from the database's backup. [storage] key_file \
             names it.",
        )?)
    }
}
