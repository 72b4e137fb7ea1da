//! A directory with a config that holds, and ways to spoil it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sealpush::config::{Config, ConfigError, Mode};
use tempfile::TempDir;

/// The published example keys, which `Mode::Dev` takes.
pub(super) fn keys_example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-example")
}

/// The files of `keys-example/` that a config names.
const KEYS: [&str; 7] = [
    "storage.key",
    "long-term.key",
    "registration-keys.json",
    "apns.p8",
    "fcm-service-account.json",
    "tls.key",
    "tls.pem",
];

/// A directory with a config, its apps and its keys.
pub(crate) struct Place(TempDir);

impl Place {
    /// A config that holds, with one app of both push services.
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("apps")).unwrap();
        for file in KEYS {
            fs::copy(keys_example().join(file), place.path(file)).unwrap();
            place.set_mode(file, 0o600);
        }
        place.config("");
        place.app("id = 'chat'\nconfirm = 'off'", "");
        place
    }

    /// Where `file` lies.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Writes a file.
    pub(crate) fn write(&self, file: &str, text: &str) -> &Self {
        fs::write(self.path(file), text).unwrap();
        self
    }

    /// Sets a file's mode.
    pub(crate) fn set_mode(&self, file: &str, mode: u32) -> &Self {
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// Writes the config: the least that holds, and `more`.
    pub(crate) fn config(&self, more: &str) -> &Self {
        let least =
            "[relay]\nname = 'Test'\ncontact = 'push@example.org'\n[storage]\nkey_file = 'storage.key'\n";
        self.write("sealpush.toml", &format!("{least}{more}"))
    }

    /// Writes the app `chat`: `head`, then both credentials, then `tail`.
    pub(crate) fn app(&self, head: &str, tail: &str) -> &Self {
        let both = "[apns]\nteam_id = 'TEAM000001'\nkey_id = 'KEY0000001'\nkey_file = '../apns.p8'\n\
                    topic = 'org.example.chat'\n[fcm]\nservice_account_file = '../fcm-service-account.json'\n";
        self.write("apps/chat.toml", &format!("{head}\n{both}{tail}"))
    }

    /// Reads it for trying out.
    pub(crate) fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.path("sealpush.toml"), Mode::Dev)
    }

    /// Reads it for real.
    pub(crate) fn load_for_real(&self) -> Result<Config, ConfigError> {
        Config::load(&self.path("sealpush.toml"), Mode::Serve)
    }

    /// The sentence with which it is refused, without the directory.
    pub(crate) fn refusal(&self) -> String {
        let sentence = self.load().expect_err("the config is refused").to_string();
        sentence.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// Asserts that `text` has each of `parts`.
#[track_caller]
pub(crate) fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}
