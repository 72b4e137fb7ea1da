//! A sender's key file.
//!
//! ```json
//! {"relay": "https://push.example.org", "ca_file": "ca.pem", "sender": "<id>", "credential": "sp_s_…",
//!  "identity_key": "<Ed25519 secret, base64url>",
//!  "devices": [{"name": "Anna's phone", "subscription": "<uuid>", "subscription_key": "<X25519 public, base64url>"}]}
//! ```

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sealpush_seal::{IdentityKey, SubscriptionId, SubscriptionPublicKey, base64url};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{FileError, private_file};
use crate::base::Secret;
use crate::cli::printable::printable;
use crate::model::{BearerToken, TokenKindPrefix};

/// What a sender holds: how it reaches the relay, and the keys that its apps' devices gave it.
pub(crate) struct SenderFile {
    /// The relay's address.
    pub(crate) relay: String,
    /// The only certificate authority to trust for it, in place of the public ones.
    pub(crate) ca_file: Option<PathBuf>,
    /// The sender's id at the relay, which its apps need.
    pub(crate) sender: Option<String>,
    /// With which it authenticates.
    pub(crate) credential: Secret<String>,
    /// With which it signs what it seals. A sender that cannot seal has none.
    pub(crate) identity: Option<IdentityKey>,
    /// Its apps' devices.
    pub(crate) devices: Vec<SenderDevice>,
}

/// One device, as its sender knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SenderDevice {
    /// A name for people.
    pub(crate) name: Option<String>,
    /// The subscription.
    pub(crate) subscription: SubscriptionId,
    /// The key that the device's app handed over. Without one, the relay seals or the content is omitted.
    pub(crate) key: Option<SubscriptionPublicKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    relay: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    credential: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_key: Option<String>,
    devices: Vec<DeviceText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceText {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    subscription: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_key: Option<String>,
}

impl SenderFile {
    /// Reads and checks a key file.
    pub(crate) fn read(file: &Path) -> Result<Self, FileError> {
        let text: Text = private_file::read(file, "sender's key file")?;
        let wrong = |at: &str, problem: String| FileError::Value {
            file: file.to_owned(),
            at: at.to_owned(),
            problem,
        };
        let credential = Secret::new(text.credential);
        BearerToken::parse(TokenKindPrefix::Sender, credential.expose())
            .map_err(|error| wrong("credential", format!("{error}; a sender's begins with sp_s_")))?;
        let identity = text.identity_key.map(Zeroizing::new);
        let identity = identity
            .map(|text| {
                let bytes = base64url::decode(&text).map(Zeroizing::new).ok();
                let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
                let bytes = Zeroizing::new(bytes.ok_or_else(|| {
                    wrong(
                        "identity_key",
                        "must be the 32 secret bytes of an Ed25519 key in base64url".to_owned(),
                    )
                })?);
                Ok(IdentityKey::from_bytes(&bytes))
            })
            .transpose()?;
        let mut devices = Vec::with_capacity(text.devices.len());
        let mut known = HashSet::with_capacity(text.devices.len());
        for (index, device) in text.devices.into_iter().enumerate() {
            let at = |member: &str| format!("devices[{index}].{member}");
            let device = device.check().map_err(|(member, problem)| wrong(&at(member), problem))?;
            if !known.insert(device.subscription) {
                return Err(wrong(&at("subscription"), "stands there twice".to_owned()));
            }
            if device.key.is_some() && identity.is_none() {
                let problem = "a device with a key needs an identity_key to sign with; `sealpush keys identity` makes one";
                return Err(wrong(&at("subscription_key"), problem.to_owned()));
            }
            devices.push(device);
        }
        let ca_file = text.ca_file.map(|ca| file.parent().unwrap_or(Path::new("")).join(ca));
        Ok(Self { relay: text.relay, ca_file, sender: text.sender, credential, identity, devices })
    }

    /// The one device of this name or subscription.
    pub(crate) fn device(&self, name: &str) -> anyhow::Result<&SenderDevice> {
        let mut named = self.devices.iter().filter(|device| device.is(name));
        let shown = printable(name);
        let device = named.next().ok_or_else(|| anyhow::anyhow!("the key file has no device `{shown}`"))?;
        anyhow::ensure!(
            named.next().is_none(),
            "the key file has several devices `{shown}`; say which by its subscription"
        );
        Ok(device)
    }

    /// Writes the key file, for its owner alone.
    pub(crate) fn write(&self, file: &Path) -> Result<(), FileError> {
        let text = Text {
            relay: self.relay.clone(),
            ca_file: self.ca_file.clone(),
            sender: self.sender.clone(),
            credential: self.credential.expose().clone(),
            identity_key: self.identity.as_ref().map(|key| base64url::encode(&*key.to_bytes())),
            devices: self
                .devices
                .iter()
                .map(|device| DeviceText {
                    name: device.name.clone(),
                    subscription: device.subscription.to_string(),
                    subscription_key: device.key.map(|key| key.to_base64url()),
                })
                .collect(),
        };
        private_file::write(file, &text)
    }
}

impl DeviceText {
    fn check(self) -> Result<SenderDevice, (&'static str, String)> {
        let subscription: SubscriptionId =
            self.subscription.parse().map_err(|error| ("subscription", format!("{error}")))?;
        let key = self
            .subscription_key
            .map(|text| SubscriptionPublicKey::from_base64url(&text))
            .transpose()
            .map_err(|error| ("subscription_key", format!("{error}")))?;
        Ok(SenderDevice { name: self.name, subscription, key })
    }
}

impl SenderDevice {
    /// Whether `name` means it.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) || self.subscription.to_string() == name
    }

    /// What to call it.
    pub(crate) fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.subscription.to_string())
    }
}
