//! `sealpush keys rotate storage`: everything moves to a new storage key, while the relay runs or without it.

use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::list::print;
use crate::api::admin::{KeyDocument, KeyList, RotationDocument};
use crate::base::OsEntropy;
use crate::cli::config_file::ConfigFile;
use crate::cli::operator_link::OperatorLink;
use crate::cli::terminal::Terminal;
use crate::config::{Config, StagedStorageKeys};
use crate::privacy::StorageKeyring;

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
The new key becomes the first line of the key file. Everything that the database keeps encrypted then moves to it, a \
few rows at a time, by the running relay; this command shows how far it is. In the end the key before is taken out of \
the file. Where this command is cut off, the relay goes on, and so does this command when it is repeated.

Keep a copy of the new key file. A backup from before needs the key of before: keep that as long as the backups.")]
pub(super) struct StorageRotation {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl StorageRotation {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let config = self.file.load(terminal)?;
        let file = &config.storage.key_file;
        let link = OperatorLink::open(&config).await?;
        match StagedStorageKeys::with_new_key(file, &OsEntropy)? {
            Some(staged) => staged.take_place()?,
            None => {
                terminal
                    .note("The key file holds two keys: going on with the rotation that began before.")?;
            }
        }
        let new = StorageKeyring::of(&Config::load_storage(&self.file.path(), self.file.mode())?).newest.id();
        let new = new.to_string();
        let begun: anyhow::Result<KeyList> = link.post("/admin/keys/storage/rotate", &json!({})).await;
        let begun = begun.with_context(|| {
            format!(
                "{} holds the new key and the one in use, and nothing moved; repeat this when it is mended",
                file.display()
            )
        })?;
        if storage_key(&begun, "current") != Some(&new) {
            bail!(
                "the relay reads another copy of {}: restart it, which begins the rotation, and repeat this",
                file.display()
            );
        }
        let done = to_the_end(&link, terminal).await;
        terminal.rest()?;
        done?;
        let list: KeyList = link.get("/admin/keys").await?;
        take_key_before_out(&list, &new, file)?;
        print(&list, self.json, terminal)?;
        Ok(terminal.note(format_args!(
            "Everything is under the new key, which alone is in {} now. Keep a copy of that file; a backup from before \
             needs the key of before.",
            file.display()
        ))?)
    }
}

async fn to_the_end(link: &OperatorLink, terminal: &mut Terminal) -> anyhow::Result<()> {
    loop {
        let rotation: RotationDocument = link.post("/admin/keys/storage/continue", &json!({})).await?;
        if rotation.finished {
            return Ok(());
        }
        terminal.busy(format_args!(
            "{} of {} rows looked at",
            rotation.done,
            rotation.total.max(rotation.done)
        ))?;
    }
}

/// The old key goes only where the database itself says that nothing is under it.
fn take_key_before_out(list: &KeyList, new: &str, file: &Path) -> anyhow::Result<()> {
    if storage_key(list, "current").map(String::as_str) != Some(new)
        || storage_key(list, "previous").is_some()
    {
        bail!("another rotation began meanwhile; repeat this");
    }
    if let Some(staged) = StagedStorageKeys::without_key_before(file)? {
        staged.take_place()?;
    }
    Ok(())
}

fn storage_key<'l>(list: &'l KeyList, state: &str) -> Option<&'l String> {
    let is = |key: &&KeyDocument| key.kind == "storage" && key.state == state;
    list.keys.iter().find(is).map(|key| &key.id)
}
