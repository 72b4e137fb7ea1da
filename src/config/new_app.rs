//! Writes an app file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{AppConfig, Config, ConfigError};
use crate::model::{AppId, ContentPolicy, Environment};

/// An app that shall be added to the config. What is not named keeps its default.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Its id.
    pub id: AppId,
    /// Its placeholder.
    pub placeholder: Option<String>,
    /// Its content policy.
    pub content_policy: Option<ContentPolicy>,
    /// Whether senders may set the badge.
    pub badge: bool,
    /// Whether senders may name a sound.
    pub sound: bool,
    /// Its credential for APNs.
    pub apns: Option<NewApns>,
    /// The service-account file for FCM.
    pub fcm: Option<PathBuf>,
}

/// The credential for APNs of an app that shall be added.
#[derive(Debug, Clone)]
pub struct NewApns {
    /// The Apple developer team.
    pub team_id: String,
    /// The key's id at Apple.
    pub key_id: String,
    /// The key file.
    pub key_file: PathBuf,
    /// The bundle id.
    pub topic: String,
    /// Where the key may be used; both where none is named.
    pub environments: Vec<Environment>,
}

/// An app file that was written and read back.
#[derive(Debug)]
pub struct WrittenApp {
    /// Where it is.
    pub file: PathBuf,
    /// What it says.
    pub app: AppConfig,
    /// What is allowed and still worth a sentence.
    pub warnings: Vec<String>,
}

/// Why no app file was written.
#[derive(Debug, thiserror::Error)]
pub enum NewAppError {
    /// There is one already.
    #[error("{} exists already; edit it, or remove it first", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("{} cannot be written ({error}); run this as a user who may write there", file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// What it would say cannot be used. Nothing is left behind.
    #[error(transparent)]
    Refused(#[from] ConfigError),
}

impl NewApp {
    /// Writes the file of this app into the config's `apps_dir`, and reads it back as the relay would. A file
    /// that is refused is removed again.
    pub fn write(&self, config: &Config) -> Result<WrittenApp, NewAppError> {
        let file = config.apps_dir.join(format!("{}.toml", self.id));
        let failed = |error| NewAppError::Write { file: file.clone(), error };
        std::fs::create_dir_all(&config.apps_dir).map_err(failed)?;
        // Never over another file: it may be all that knows where a key is.
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        let mut created = created.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => NewAppError::Exists(file.clone()),
            _ => failed(error),
        })?;
        let (mut warnings, mut key_files) = (Vec::new(), Vec::new());
        let written = created
            .write_all(self.to_toml().as_bytes())
            .and_then(|()| created.sync_all())
            .map_err(failed)
            .and_then(|()| {
                let push_services = &config.push_services;
                Ok(AppConfig::load(&file, config.mode, push_services, &mut warnings, &mut key_files)?)
            });
        match written {
            Ok(app) => Ok(WrittenApp { file, app, warnings }),
            Err(error) => {
                // Should this fail too, the next start names the file.
                let _ = std::fs::remove_file(&file);
                Err(error)
            }
        }
    }

    /// The file's text.
    fn to_toml(&self) -> String {
        let mut lines = vec![
            format!("id = {}", quoted(self.id.as_str())),
            "# The proof that a device token belongs to the device that registers it is not built yet."
                .to_owned(),
            "confirm = \"off\"".to_owned(),
        ];
        if let Some(placeholder) = &self.placeholder {
            lines.push(format!("placeholder = {}", quoted(placeholder)));
        }
        if let Some(policy) = self.content_policy {
            lines.push(format!("content_policy = {}", quoted(policy.as_str())));
        }
        if self.badge {
            lines.push("badge = true".to_owned());
        }
        if self.sound {
            lines.push("sound = true".to_owned());
        }
        if let Some(apns) = &self.apns {
            lines.push("\n[apns]".to_owned());
            lines.push(format!("team_id = {}", quoted(&apns.team_id)));
            lines.push(format!("key_id = {}", quoted(&apns.key_id)));
            lines.push(format!("key_file = {}", quoted_path(&apns.key_file)));
            lines.push(format!("topic = {}", quoted(&apns.topic)));
            if !apns.environments.is_empty() {
                let names: Vec<_> = apns.environments.iter().map(|name| quoted(name.as_str())).collect();
                lines.push(format!("environments = [{}]", names.join(", ")));
            }
        }
        if let Some(file) = &self.fcm {
            lines.push("\n[fcm]".to_owned());
            lines.push(format!("service_account_file = {}", quoted_path(file)));
        }
        lines.join("\n") + "\n"
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A path as a TOML string. One that is no text becomes another, and reading the file back refuses it.
fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
