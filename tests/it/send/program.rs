//! The program, run in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sealpush::base::OsEntropy;
use sealpush::model::{BearerToken, CredentialId, TokenKindPrefix};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder, and the program that runs in it.
pub(crate) struct Program {
    folder: TempDir,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A device that `sealpush keys device` made.
#[derive(Debug, Clone)]
pub(crate) struct MadeDevice {
    pub(crate) name: String,
    pub(crate) subscription: String,
    pub(crate) subscription_key: String,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command with this standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Answer {
        run(self.folder.path(), arguments, input)
    }

    /// Runs a command off the test's own thread, so that what the test serves goes on.
    pub(crate) async fn beside(&self, arguments: &[&str], input: &str) -> Answer {
        let folder = self.folder.path().to_owned();
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let input = input.to_owned();
        let command = move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            run(&folder, &arguments, &input)
        };
        tokio::task::spawn_blocking(command).await.unwrap()
    }

    /// Runs a command that must go well and print one JSON document.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str], input: &str) -> Value {
        let answer = self.run(&[arguments, &["--json"]].concat(), input);
        assert_eq!(answer.code, 0, "{arguments:?}: {answer:?}");
        serde_json::from_str(&answer.out).unwrap()
    }

    /// A new identity key: its secret and its public half.
    pub(crate) fn identity(&self) -> (String, String) {
        let made = self.json(&["keys", "identity"], "");
        (text(&made, "identity_key"), text(&made, "public"))
    }

    /// A new device with its key file `<name>.json`.
    pub(crate) fn device(&self, name: &str, identity: &str) -> MadeDevice {
        let file = format!("{name}.json");
        let made = self.json(&["keys", "device", &file, "--identity-key", identity], "");
        MadeDevice {
            name: name.to_owned(),
            subscription: text(&made, "subscription"),
            subscription_key: text(&made, "subscription_key"),
        }
    }

    /// Writes the sender's key file `server.json`.
    pub(crate) fn server(&self, relay: &str, credential: &str, identity: &str, devices: &Value) {
        let keys =
            json!({"relay": relay, "credential": credential, "identity_key": identity, "devices": devices});
        self.write_private("server.json", &keys.to_string());
    }

    /// Writes a file that its owner alone may read.
    pub(crate) fn write_private(&self, name: &str, text: &str) {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

impl MadeDevice {
    /// Its entry in the sender's key file.
    pub(crate) fn entry(&self) -> Value {
        json!({"name": self.name, "subscription": self.subscription, "subscription_key": self.subscription_key})
    }
}

/// A credential of the right shape that no relay gave out.
pub(crate) fn credential() -> String {
    BearerToken::draw(CredentialId::random(&OsEntropy), &OsEntropy).reveal(TokenKindPrefix::Sender)
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpush"));
    command.args(arguments).current_dir(folder).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    process.wait_with_output().unwrap().into()
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap().to_owned()
}
