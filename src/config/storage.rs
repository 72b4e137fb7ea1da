//! `[storage]`: where the relay keeps what it must remember, and under which key.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::published_keys::KeyFingerprint;
use super::source::Source;
use super::storage_key_file::StorageKeyFile;
use crate::base::Secret;

/// The database and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoragePlace {
    /// The SQLite database; made where there is none.
    pub path: PathBuf,
    /// The key from which device tokens are encrypted and hashed. Without it the database is worthless.
    pub key: Secret<[u8; 32]>,
    /// The key before it, while everything moves to the new one.
    pub key_before: Option<Secret<[u8; 32]>>,
    /// The file of both.
    pub key_file: PathBuf,
}

/// `[storage]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StorageText {
    #[serde(default = "default_path")]
    path: PathBuf,
    pub(super) key_file: PathBuf,
}

fn default_path() -> PathBuf {
    "sealpush.db".into()
}

impl StorageText {
    /// Reads the key.
    pub(super) fn check(self, source: &mut Source<'_>) -> Result<StoragePlace, ConfigError> {
        let key = "storage.key_file";
        let text = source.read_key(key, &self.key_file)?;
        let keys = StorageKeyFile::parse(&text).ok_or_else(|| {
            source.refuse(
                key,
                "must hold 32 random bytes in base64url (43 characters), and the key before on a second line as long as \
                 `sealpush keys rotate storage` is not done. `sealpush keys generate storage` makes one",
            )
        })?;
        for one in std::iter::once(&keys.key).chain(&keys.before) {
            KeyFingerprint::of(one.expose()).refuse_published(source, key)?;
        }
        Ok(StoragePlace {
            path: source.path(&self.path),
            key: keys.key,
            key_before: keys.before,
            key_file: source.path(&self.key_file),
        })
    }
}
