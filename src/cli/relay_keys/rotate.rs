//! `sealpush keys rotate`: a new key in the place of one in use, while the relay runs.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;

use super::list::print;
use super::rotate_storage::StorageRotation;
use crate::api::admin::{AuditNote, KeyList, ReloadedDocument};
use crate::base::{Clock, OsEntropy, SystemClock};
use crate::cli::config_file::ConfigFile;
use crate::cli::operator_link::OperatorLink;
use crate::cli::terminal::Terminal;
use crate::config::{Config, PreviousKeys, RegistrationKey, RegistrationKeyring};
use crate::privacy::{RegistrationKeys, ShownRegistrationKeys};

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sudo -u sealpush sealpush keys rotate registration
  sudo -u sealpush sealpush keys rotate registration --end-previous    (somebody else may have the key)
  sudo -u sealpush sealpush keys rotate storage")]
pub(crate) struct Rotate {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The key that apps seal registrations to
    Registration(Registration),
    /// The key that the database is kept under
    Storage(StorageRotation),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Apps seal to the new key from now on, for a year. Those before are good until the end that the relay signed: an app may \
have one in its build. Keys that open nothing any more are erased. Do it every eleven months, or more often: what was \
sealed to a key can be read by whoever gets hold of its private half, also later.")]
struct Registration {
    #[command(flatten)]
    file: ConfigFile,
    /// End all keys before now, because somebody else may have them; apps fetch the new one with their next try
    #[arg(long)]
    end_previous: bool,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Rotate {
    pub(crate) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        match self.what {
            What::Registration(registration) => registration.run(terminal).await,
            What::Storage(storage) => storage.run(terminal).await,
        }
    }
}

impl Registration {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let config = self.file.load(terminal)?;
        let (Some(files), Some(keyring)) = (&config.registration_key_files, &config.registration_keys) else {
            bail!("the config has no [registration_keys]; `sealpush keys generate registration` makes them");
        };
        let link = OperatorLink::open(&config).await?;
        let (now, previous_ended) = (SystemClock.now(), self.end_previous);
        let previous = if previous_ended { PreviousKeys::End } else { PreviousKeys::Stay };
        let rotation = files.rotate(previous, now, &OsEntropy)?;
        let key = new_key(keyring, &rotation.keys)?;
        // What is not in the audit log must not be: the file takes its place after the entry.
        let note = AuditNote::RegistrationKeyAdded { key: key.clone(), previous_ended };
        let noted = link.act(Method::POST, "/admin/audit", Some(serde_json::to_vec(&note)?)).await;
        noted.context("the audit log could not be written, so the key was not added")?;
        rotation.take_place()?;
        let list = if link.is_running() {
            taken_over(&link, &key).await?
        } else {
            // It holds the database, and the ring of before.
            drop(link);
            written(&self.file).await?
        };
        print(&list, self.json, terminal)?;
        Ok(terminal
            .note(format_args!("Apps seal to {key} from now on; it is in {}.", files.ring.display()))?)
    }
}

/// The id of the newest key of a ring that was rotated.
fn new_key(keyring: &RegistrationKeyring, keys: &[RegistrationKey]) -> anyhow::Result<String> {
    let newest = keys.first().context("a ring has a key")?.clone();
    let alone = RegistrationKeyring { long_term: keyring.long_term.clone(), keys: vec![newest] };
    let shown: Option<ShownRegistrationKeys> = RegistrationKeys::new(Some(&alone)).shown(SystemClock.now());
    shown.and_then(|shown| Some(shown.keys.first()?.id.clone())).context("a ring has a key")
}

/// What the running relay says after it read the file again.
async fn taken_over(link: &OperatorLink, key: &str) -> anyhow::Result<KeyList> {
    const WRITTEN: &str = "the new key is in its file, and the running relay has not taken it over";
    let _: ReloadedDocument = link
        .post("/admin/reload", &json!({}))
        .await
        .with_context(|| format!("{WRITTEN}; mend this, and then `sealpush reload`"))?;
    let list: KeyList = link.get("/admin/keys").await?;
    if list.keys.iter().all(|one| one.id != key) {
        bail!("{WRITTEN}: it reads another copy of the file. Restart it");
    }
    Ok(list)
}

/// What the file says, where no relay runs.
async fn written(file: &ConfigFile) -> anyhow::Result<KeyList> {
    let config = Config::load(&file.path(), file.mode())?;
    OperatorLink::open(&config).await?.get("/admin/keys").await
}
