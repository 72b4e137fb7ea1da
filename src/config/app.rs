//! `apps/<id>.toml`: one client app of the operator's.

use std::path::Path;

use serde::Deserialize;

use super::apns::{ApnsCredentials, ApnsText};
use super::fcm::{FcmCredentials, FcmText};
use super::source::Source;
use super::{ConfigError, KeyFile, Mode, PushServiceAddresses};
use crate::model::{App, ContentPolicy, Placeholder, PushService};

/// An app with its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppConfig {
    /// What intake and delivery know of it.
    pub app: App,
    /// Whether a device must prove that a token is its own.
    pub confirm: Confirm,
    /// Its credential for APNs.
    pub apns: Option<ApnsCredentials>,
    /// Its credential for FCM.
    pub fcm: Option<FcmCredentials>,
}

/// Whether a device must prove that a token is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// No: whoever knows a device token can register it, and send to it as a sender of their own.
    Off,
}

impl Confirm {
    /// The word in the app file and in `GET /v1/relay`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
        }
    }
}

/// An app file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppText {
    id: String,
    placeholder: Option<String>,
    #[serde(default = "default_policy")]
    content_policy: ContentPolicy,
    #[serde(default)]
    badge: bool,
    #[serde(default)]
    sound: bool,
    confirm: Option<String>,
    apns: Option<ApnsText>,
    fcm: Option<FcmText>,
}

fn default_policy() -> ContentPolicy {
    ContentPolicy::SealOrOmit
}

impl AppConfig {
    /// Reads an app file and the key files that it names. `warnings` takes what is allowed and still worth a
    /// sentence, `key_files` where the keys lie.
    pub fn load(
        file: &Path,
        mode: Mode,
        push_services: &PushServiceAddresses,
        warnings: &mut Vec<String>,
        key_files: &mut Vec<KeyFile>,
    ) -> Result<Self, ConfigError> {
        let mut source = Source { file, mode, warnings, key_files };
        let text: AppText = source.parse("`sealpush app add` writes such a file.")?;
        text.check(&mut source, push_services)
    }
}

impl AppText {
    fn check(
        self,
        source: &mut Source<'_>,
        push_services: &PushServiceAddresses,
    ) -> Result<AppConfig, ConfigError> {
        let id = self.id.parse().map_err(|error| source.refuse("id", format!("`{}`: {error}", self.id)))?;
        if source.file.file_stem().and_then(|stem| stem.to_str()) != Some(&self.id) {
            return Err(
                source.refuse("id", format!("is `{0}`, so the file must be called {0}.toml", self.id))
            );
        }
        let confirm = check_confirm(source, self.confirm.as_deref())?;
        let placeholder = match self.placeholder {
            None => Placeholder::default(),
            Some(text) => text.parse().map_err(|error| source.refuse("placeholder", format!("{error}")))?,
        };
        let apns = self.apns.map(|apns| apns.check(source)).transpose()?;
        let fcm = self.fcm.map(|fcm| fcm.check(source, push_services)).transpose()?;
        let reached = [(PushService::Apns, apns.is_some()), (PushService::Fcm, fcm.is_some())];
        let push_services: Vec<_> =
            reached.into_iter().filter_map(|(service, has)| has.then_some(service)).collect();
        if push_services.is_empty() {
            return Err(
                source.refuse("apns, fcm", "are both missing; the app needs a credential for at least one")
            );
        }
        let app = App {
            id,
            placeholder,
            content_policy: self.content_policy,
            badge_allowed: self.badge,
            sound_allowed: self.sound,
            push_services,
        };
        Ok(AppConfig { app, confirm, apns, fcm })
    }
}

/// `off` must be written out, so that nobody believes that tokens are proved.
fn check_confirm(source: &Source<'_>, confirm: Option<&str>) -> Result<Confirm, ConfigError> {
    const NOT_BUILT: &str = "the proof that a device token belongs to the device that registers it is not built yet: \
                             whoever knows a token can register it. If that is acceptable for now, write `confirm = \"off\"`";
    match confirm {
        Some("off") => Ok(Confirm::Off),
        Some("required") => {
            Err(source.refuse("confirm", format!("\"required\" cannot be kept: {NOT_BUILT}")))
        }
        None => {
            Err(source.refuse("confirm", format!("is missing, which means \"required\", and {NOT_BUILT}")))
        }
        Some(other) => {
            Err(source.refuse("confirm", format!("`{other}` is neither \"off\" nor \"required\"")))
        }
    }
}
