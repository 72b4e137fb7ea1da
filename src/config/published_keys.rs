//! The keys of `keys-example/`: everybody has them, so nobody may rely on them.

use std::fmt;

use sha2::{Digest, Sha256};

use super::source::Source;
use super::{ConfigError, Mode};

/// SHA-256 of a private key's own bytes: of the 32 bytes of a storage, long-term or registration key, of the DER of a PEM key. Line
/// ends and the file's name do not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFingerprint(pub [u8; 32]);

impl KeyFingerprint {
    /// The fingerprint of the key with these bytes.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether this key is in `keys-example/`.
    #[must_use]
    pub fn is_published(&self) -> bool {
        let own = self.to_string();
        PUBLISHED_KEYS.iter().any(|(_, published)| *published == own)
    }

    /// Refuses a published key, except for trying out.
    pub(super) fn refuse_published(self, source: &Source<'_>, key: &str) -> Result<(), ConfigError> {
        if source.mode == Mode::Dev || !self.is_published() {
            return Ok(());
        }
        Err(source.refuse(
            key,
            "is a published example key, which everybody has. Make one of your own (keys-example/README.md says how), \
             or use `--dev` to try the relay out",
        ))
    }
}

impl fmt::Display for KeyFingerprint {
    /// 64 lower-case hexadecimal digits, as `sha256sum` prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Each key file of `keys-example/` with its fingerprint.
pub const PUBLISHED_KEYS: [(&str, &str); 6] = [
    ("storage.key", "b45a2a781718bef31788036472e993b77e62313c6fe79efad404bb3cd6bad8d0"),
    ("apns.p8", "9fa9956b0e0f008d0f907cfc3f32f18662fe724b795e394e1447113b585ee9df"),
    ("fcm-service-account.json", "ce32278c95fdc360488b1d0741b235a93fe05abd5f79f55c63067bd85b56a637"),
    ("long-term.key", "b08e04079bebb3fc485ed93762caffd574fd48d0d3f4fc36cecfeea9b056aa1e"),
    ("registration-keys.json", "9aac278de4b977b2f8c12cf11f7b02c2d68825382b6e47a3ab72f6099abc9f3f"),
    ("tls.key", "b1231700c5098847b91e59cce0e4038fd9d4754a752dd11cd828d45a0736a63c"),
];
