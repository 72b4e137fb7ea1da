//! `[storage]`: where the relay keeps what it must remember, and under which key.

use std::path::PathBuf;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::ConfigError;
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
    key_file: PathBuf,
}

fn default_path() -> PathBuf {
    "sealpush.db".into()
}

impl StorageText {
    /// Reads the key.
    pub(super) fn check(self, source: &mut Source<'_>) -> Result<StoragePlace, ConfigError> {
        let key = "storage.key_file";
        let text = source.read_key(key, &self.key_file)?;
        let bytes = std::str::from_utf8(&text)
            .ok()
            .and_then(|text| sealpush_seal::base64url::decode(text.trim_ascii_end()).ok())
            .map(Zeroizing::new);
        let bytes: [u8; 32] = bytes.and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or_else(|| {
            source.refuse(
                key,
                "must hold 32 random bytes in base64url (43 characters). Make one with \
                 `(umask 077; head -c 32 /dev/urandom | basenc --base64url | tr -d = > storage.key)`",
            )
        })?;
        KeyFingerprint::of(&bytes).refuse_published(source, key)?;
        Ok(StoragePlace { path: source.path(&self.path), key: Secret::new(bytes) })
    }
}
