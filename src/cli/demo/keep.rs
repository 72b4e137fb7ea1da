//! `sealpush demo --keep`: everything stays, and people get the commands to play with it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::cast::Cast;
use super::folder::{APP, PROJECT, TOPIC};
use super::stage::Stage;
use crate::cli::program::program;
use crate::cli::terminal::Terminal;

const NAME: &str = "demo.json";

/// Where everything of a running demo is: `demo.json` in its folder.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DemoFile {
    /// The relay's address.
    pub(crate) relay: String,
    /// Whom to trust for it.
    pub(crate) ca_file: PathBuf,
    /// The simulator's control API.
    pub(crate) simulator: String,
    /// The app's id at the relay.
    pub(crate) app: String,
    /// The app's bundle id.
    pub(crate) topic: String,
    /// The app's Firebase project.
    pub(crate) project: String,
    /// The key file of the server that seals.
    pub(crate) sender_keys: PathBuf,
}

impl DemoFile {
    /// Reads it from the folder of a running demo.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(NAME);
        let bytes = std::fs::read(&file).with_context(|| {
            format!(
                "{} cannot be read: is `sealpush demo --keep` running, and is this its folder?",
                file.display()
            )
        })?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is not a demo's", file.display()))
    }
}

/// Says how to play.
pub(crate) fn explain(terminal: &mut Terminal, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
    let file = DemoFile {
        relay: stage.relay.url().to_owned(),
        ca_file: stage.folder.path("ca.pem"),
        simulator: stage.simulator.control_url().unwrap_or_default().to_owned(),
        app: APP.to_owned(),
        topic: TOPIC.to_owned(),
        project: PROJECT.to_owned(),
        sender_keys: stage.folder.path("servers").join(cast.chat.file),
    };
    stage.folder.write(NAME, &serde_json::to_string_pretty(&file)?)?;
    let program = program();
    let root = stage.folder.root().display().to_string();
    let (ca, chat) = (file.ca_file.display(), file.sender_keys.display());
    let forum = stage.folder.path("servers").join(cast.forum.file);
    let (relay, forum_credential) = (stage.relay.url(), cast.forum.keys.credential.expose());
    let old_android = cast.old_android.subscription();
    let notification = r#"{"title":"Hello","body":"from your own terminal"}"#;
    terminal.aside(format_args!(
        r#"
It all runs on until Ctrl-C; then {root} is removed. In another terminal:

One more phone, which prints what it opens as it comes:
  {program} simulate-device --demo {root}

Send to every phone of chat.example, sealed by it:
  echo '{notification}' | {program} send --keys {chat}

Send to the phones of forum.example, which cannot seal:
  echo '{notification}' | {program} send --relay-may-read --keys {forum}

What the relay says of itself, its metrics, and what it stores:
  curl --silent --cacert {ca} {relay}/v1/relay
  curl --silent http://{operator}/metrics
  sqlite3 {database} .dump

The same by hand, to the old Android (an id is used once: draw a new UUIDv7 for each notification):
  curl --silent --cacert {ca} {relay}/v1/notifications \
    -H 'Authorization: Bearer {forum_credential}' -H 'Content-Type: application/json' \
    -d '{{"id":"{id}","targets":[{{"subscription":"{old_android}"}}],"content":{notification}}}'

What each phone got, at the simulator:
  curl --silent {simulator}/records
"#,
        operator = stage.operator_address(),
        database = stage.config.storage.path.display(),
        simulator = file.simulator,
        forum = forum.display(),
        id = crate::model::NotificationId::ordered(stage.clock.now(), &*stage.entropy),
    ))?;
    Ok(())
}
