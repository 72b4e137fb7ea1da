//! A device's key file.
//!
//! ```json
//! {"subscription": "<uuid>", "private_key": "<X25519 secret, base64url>", "identity_key": "<Ed25519 public, base64url>",
//!  "previous_private_keys": [{"key": "…", "replaced_at": "2026-01-31T12:00:00Z"}], "previous_identity_keys": []}
//! ```
//!
//! Without `identity_key` the device takes what the relay sealed, and nothing else.

use std::path::Path;

use sealpush_seal::{DeviceKeys, IdentityPublicKey, SubscriptionId, SubscriptionPrivateKey, base64url};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::{Zeroize, Zeroizing};

use super::{FileError, private_file};

/// A device's keys for one subscription, as they lie in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceFile {
    /// The subscription.
    pub(crate) subscription: String,
    private_key: String,
    /// The public key of the server that signs; absent where the relay seals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity_key: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    previous_private_keys: Vec<ReplacedKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    previous_identity_keys: Vec<ReplacedKey>,
}

/// A key that another one took the place of.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplacedKey {
    key: String,
    replaced_at: String,
}

impl Drop for DeviceFile {
    fn drop(&mut self) {
        self.private_key.zeroize();
        self.previous_private_keys.iter_mut().for_each(|replaced| replaced.key.zeroize());
    }
}

impl DeviceFile {
    /// The file of a new subscription.
    pub(crate) fn new(
        subscription: SubscriptionId,
        private: &SubscriptionPrivateKey,
        identity: Option<&IdentityPublicKey>,
    ) -> Self {
        Self {
            subscription: subscription.to_string(),
            private_key: base64url::encode(&*private.to_bytes()),
            identity_key: identity.map(IdentityPublicKey::to_base64url),
            previous_private_keys: Vec::new(),
            previous_identity_keys: Vec::new(),
        }
    }

    /// Writes the file, for its owner alone.
    pub(crate) fn write(&self, file: &Path) -> Result<(), FileError> {
        private_file::write(file, self)
    }

    /// Reads the file and gives the keys in it.
    pub(crate) fn read(file: &Path) -> Result<DeviceKeys, FileError> {
        let text: Self = private_file::read(file, "device's key file")?;
        text.keys().map_err(|(at, problem)| FileError::Value { file: file.to_owned(), at, problem })
    }

    fn keys(&self) -> Result<DeviceKeys, (String, String)> {
        let named = |at: &str| {
            let at = at.to_owned();
            move |problem: String| (at, problem)
        };
        let subscription = self.subscription.parse();
        let subscription = subscription.map_err(|error| named("subscription")(format!("{error}")))?;
        let private = private_key(&self.private_key).map_err(named("private_key"))?;
        let identity = self.identity_key.as_deref().map(identity_key).transpose();
        let mut keys = DeviceKeys::new(subscription, private, identity.map_err(named("identity_key"))?);
        for replaced in &self.previous_private_keys {
            let name = "previous_private_keys";
            let key = private_key(&replaced.key).map_err(named(name))?;
            keys = keys.with_previous_key(key, replaced.at_ms().map_err(named(name))?);
        }
        for replaced in &self.previous_identity_keys {
            let name = "previous_identity_keys";
            let key = identity_key(&replaced.key).map_err(named(name))?;
            keys = keys.with_previous_identity(key, replaced.at_ms().map_err(named(name))?);
        }
        Ok(keys)
    }
}

impl ReplacedKey {
    fn at_ms(&self) -> Result<u64, String> {
        let at = OffsetDateTime::parse(&self.replaced_at, &Rfc3339).ok();
        at.and_then(|at| u64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok())
            .ok_or_else(|| "replaced_at must be a time such as 2026-01-31T12:00:00Z".to_owned())
    }
}

fn private_key(text: &str) -> Result<SubscriptionPrivateKey, String> {
    let bytes = base64url::decode(text).map(Zeroizing::new).ok();
    let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new);
    let wrong = || "must be the 32 secret bytes of an X25519 key in base64url".to_owned();
    bytes.map(|bytes| SubscriptionPrivateKey::from_bytes(&bytes)).ok_or_else(wrong)
}

fn identity_key(text: &str) -> Result<IdentityPublicKey, String> {
    IdentityPublicKey::from_base64url(text).map_err(|error| error.to_string())
}
