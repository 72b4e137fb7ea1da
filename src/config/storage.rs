//! `[storage]`: where the relay keeps what it must remember, and under which key.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::key_bytes::key_bytes;
use super::published_keys::KeyFingerprint;
use super::source::Source;
use crate::base::Secret;

/// The database and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoragePlace {
    /// The SQLite database; made where there is none.
    pub path: PathBuf,
    /// The key from which device tokens are encrypted and hashed. Without it the database is worthless.
    pub key: Secret<[u8; 32]>,
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
        let bytes = key_bytes(&text).ok_or_else(|| {
            source.refuse(
                key,
                "must hold 32 random bytes in base64url (43 characters). `sealpush keys generate storage` makes one",
            )
        })?;
        KeyFingerprint::of(bytes.as_slice()).refuse_published(source, key)?;
        Ok(StoragePlace { path: source.path(&self.path), key: Secret::new(*bytes) })
    }
}
