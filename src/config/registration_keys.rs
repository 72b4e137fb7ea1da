//! `[registration_keys]`: the relay's long-term key and the ring of keys that apps seal registrations to.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::{Zeroize, Zeroizing};

use super::ConfigError;
use super::published_keys::KeyFingerprint;
use super::source::Source;
use crate::base::{Secret, UnixMillis};

/// The relay's keys for sealed registrations, as its key files hold them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationKeyring {
    /// The seed of the long-term key (Ed25519), which signs the others and which apps have in their build.
    pub long_term: Secret<[u8; 32]>,
    /// The registration keys, the newest first.
    pub keys: Vec<RegistrationKey>,
}

/// One registration key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationKey {
    /// The private half (X25519).
    pub private: Secret<[u8; 32]>,
    /// The first moment at which apps seal to it.
    pub valid_from: UnixMillis,
    /// The last.
    pub valid_until: UnixMillis,
}

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationKeyFiles {
    /// The file of the long-term key.
    pub long_term: PathBuf,
    /// The file of the ring.
    pub ring: PathBuf,
}

/// `[registration_keys]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationKeysText {
    long_term_key_file: PathBuf,
    ring_file: PathBuf,
}

/// The ring file as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RingText {
    pub(super) keys: Vec<RingKeyText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RingKeyText {
    /// Base64url of the private half.
    pub(super) private: String,
    pub(super) valid_from: String,
    pub(super) valid_until: String,
}

impl Drop for RingKeyText {
    fn drop(&mut self) {
        self.private.zeroize();
    }
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
                "must hold 32 random bytes in base64url (43 characters). keys-example/README.md says how to make one",
            )
        })?;
        KeyFingerprint::of(long_term.as_slice()).refuse_published(source, key)?;
        let key = "registration_keys.ring_file";
        let text = source.read_key(key, &self.ring_file)?;
        let keys = read_ring(&text).map_err(|problem| source.refuse(key, problem))?;
        for one in &keys {
            KeyFingerprint::of(one.private.expose()).refuse_published(source, key)?;
        }
        let files = RegistrationKeyFiles {
            long_term: source.path(&self.long_term_key_file),
            ring: source.path(&self.ring_file),
        };
        Ok((files, RegistrationKeyring { long_term: Secret::new(*long_term), keys }))
    }
}

/// 32 bytes in base64url, with or without a line end.
pub(super) fn key_bytes(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let text = std::str::from_utf8(text).ok()?.trim_ascii_end();
    let bytes = Zeroizing::new(sealpush_seal::base64url::decode(text).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

/// Reads a ring file. No error quotes a value.
pub(super) fn read_ring(text: &[u8]) -> Result<Vec<RegistrationKey>, String> {
    const MADE_BY: &str = "keys-example/README.md says how to make one";
    let ring: RingText = serde_json::from_slice(text).map_err(|error| {
        format!("is not a ring of registration keys (near line {}). {MADE_BY}", error.line())
    })?;
    let mut keys = Vec::with_capacity(ring.keys.len());
    for (number, key) in (1..).zip(&ring.keys) {
        let private = key_bytes(key.private.as_bytes())
            .ok_or_else(|| format!("key {number}: `private` must be 32 bytes in base64url. {MADE_BY}"))?;
        let times = (read_time(&key.valid_from), read_time(&key.valid_until));
        let (Some(valid_from), Some(valid_until)) = times else {
            return Err(format!(
                "key {number}: `valid_from` and `valid_until` are RFC 3339 in whole seconds, ending in Z"
            ));
        };
        if valid_from >= valid_until {
            return Err(format!("key {number}: `valid_until` must be later than `valid_from`"));
        }
        keys.push(RegistrationKey { private: Secret::new(*private), valid_from, valid_until });
    }
    if keys.is_empty() {
        return Err(format!("holds no key. {MADE_BY}"));
    }
    keys.sort_by_key(|key| std::cmp::Reverse(key.valid_from));
    Ok(keys)
}

/// Whole seconds: the signature is over milliseconds, which every app must get from this text.
fn read_time(text: &str) -> Option<UnixMillis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| text.ends_with('Z'))?;
    (at.nanosecond() == 0).then(|| UnixMillis(at.unix_timestamp() * 1000))
}
