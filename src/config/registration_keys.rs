//! `[registration_keys]`: the relay's long-term key and the ring of keys that apps seal registrations to.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::key_bytes::key_bytes;
use super::published_keys::KeyFingerprint;
use super::registration_key_files::RegistrationKeyFiles;
use super::registration_ring::{RegistrationKey, read_ring};
use super::source::Source;
use crate::base::Secret;

/// The relay's keys for sealed registrations, as its key files hold them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationKeyring {
    /// The seed of the long-term key (Ed25519), which signs the others and which apps have in their build.
    pub long_term: Secret<[u8; 32]>,
    /// The registration keys, the newest first.
    pub keys: Vec<RegistrationKey>,
}

/// `[registration_keys]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationKeysText {
    long_term_key_file: PathBuf,
    ring_file: PathBuf,
}

impl RegistrationKeysText {
    /// Reads both files.
    pub(super) fn check(
        self,
        source: &mut Source<'_>,
    ) -> Result<(RegistrationKeyFiles, RegistrationKeyring), ConfigError> {
        let key = "registration_keys.long_term_key_file";
        let text = source.read_key(key, &self.long_term_key_file)?;
        let long_term = key_bytes(&text).ok_or_else(|| {
            source.refuse(
                key,
                "must hold 32 random bytes in base64url (43 characters). `sealpush keys generate registration` makes one",
            )
        })?;
        KeyFingerprint::of(long_term.as_slice()).refuse_published(source, key)?;
        let key = "registration_keys.ring_file";
        let text = source.read_key(key, &self.ring_file)?;
        let keys = read_ring(&text).map_err(|problem| source.refuse(key, problem))?;
        for one in &keys {
            KeyFingerprint::of(one.private.expose()).refuse_published(source, key)?;
        }
        Ok((self.files(source), RegistrationKeyring { long_term: Secret::new(*long_term), keys }))
    }

    /// Where both files are.
    pub(super) fn files(&self, source: &Source<'_>) -> RegistrationKeyFiles {
        RegistrationKeyFiles {
            long_term: source.path(&self.long_term_key_file),
            ring: source.path(&self.ring_file),
        }
    }
}
