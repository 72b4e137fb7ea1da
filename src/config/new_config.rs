//! Writes a first config with fresh keys: what `sealpush init` leaves behind.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::key_bytes::key_line;
use super::registration_ring::{RegistrationKey, write_ring};
use super::{Account, Config, ConfigError, Mode, RegistrationKeyFiles, url};
use crate::base::{Entropy, UnixMillis};

/// A config that shall be made.
#[derive(Debug, Clone)]
pub struct NewConfig {
    /// Where the config, its keys and its apps will be.
    pub folder: PathBuf,
    /// The name under which senders and apps reach the relay.
    pub host: Option<String>,
    /// What the relay calls itself; the host's name where it has none.
    pub name: Option<String>,
    /// How to reach the operator; the host's postmaster (RFC 2142) where it is not said.
    pub contact: Option<String>,
    /// Where the database will be, if not beside the config.
    pub database: Option<PathBuf>,
    /// As whom the relay will run, if not as the caller.
    pub relay: Option<Account>,
}

/// A config that was written and read back.
#[derive(Debug)]
pub struct WrittenConfig {
    /// The config file.
    pub file: PathBuf,
    /// The file with the storage key.
    pub storage_key: PathBuf,
    /// The files with the registration keys.
    pub registration: RegistrationKeyFiles,
    /// What it says.
    pub config: Config,
}

/// Why no config was written. Nothing of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum NewConfigError {
    /// There is one already.
    #[error("{} is there already, and nothing is ever overwritten; move it away, or name another --folder", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{} cannot be written ({error}); run this as a user who may write there", file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The host is none.
    #[error("`{0}` is not the name of a host, such as push.example.org")]
    Host(String),
    /// What it would say cannot be used.
    #[error(transparent)]
    Refused(#[from] ConfigError),
}

impl NewConfig {
    /// Writes the config, fresh keys and an empty directory for apps, and reads it all back as the relay would.
    pub fn write(&self, now: UnixMillis, entropy: &dyn Entropy) -> Result<WrittenConfig, NewConfigError> {
        let text = self.text()?;
        let mut made = Made(Vec::new());
        let (file, storage_key) = (self.folder.join("sealpush.toml"), self.folder.join("storage.key"));
        let registration = RegistrationKeyFiles::in_folder(&self.folder);
        for taken in [&file, &storage_key, &registration.long_term, &registration.ring] {
            if fs::symlink_metadata(taken).is_ok() {
                return Err(NewConfigError::Exists(taken.clone()));
            }
        }
        self.make_folder(&self.folder)?;
        self.make_folder(&self.folder.join("apps"))?;
        if let Some(folder) = self.database.as_deref().and_then(Path::parent) {
            self.make_folder(folder)?;
        }
        for file in [&storage_key, &registration.long_term] {
            let key = Zeroizing::new(entropy.bytes());
            self.make_file(file, key_line(&key).as_bytes(), &mut made)?;
        }
        let ring = write_ring(&[RegistrationKey::fresh(now, entropy)]);
        self.make_file(&registration.ring, &ring, &mut made)?;
        self.make_file(&file, text.as_bytes(), &mut made)?;
        let config = Config::load(&file, Mode::Serve)?;
        made.0.clear();
        Ok(WrittenConfig { file, storage_key, registration, config })
    }

    /// The commented example with these values in it.
    fn text(&self) -> Result<String, NewConfigError> {
        let url = match &self.host {
            None => None,
            Some(host) => {
                let bare = host.strip_prefix("https://").unwrap_or(host).trim_end_matches('/');
                let url = url::https_origin(&format!("https://{bare}"));
                Some(url.map_err(|_| NewConfigError::Host(host.clone()))?)
            }
        };
        let host = url.as_deref().map(|url| url.trim_start_matches("https://"));
        let name = self.name.as_deref().or(host).unwrap_or("Push relay");
        let mail = host.map(|host| format!("postmaster@{}", host.split(':').next().unwrap_or(host)));
        let mut values = vec![("name = \"Example push relay\"", format!("name = {}", quoted(name)))];
        if let Some(contact) = self.contact.clone().or(mail) {
            values.push(("contact = \"push@example.org\"", format!("contact = {}", quoted(&contact))));
        }
        if let Some(url) = url {
            values.push((
                "# public_url = \"https://push.example.org\"",
                format!("public_url = {}", quoted(&url)),
            ));
            // Who has a name and listens on loopback has a proxy before it: without its word no limit by address counts.
            let proxies = "trusted_proxies = [\"127.0.0.1\", \"::1\"]";
            values.push(("# trusted_proxies = []", proxies.to_owned()));
        }
        if let Some(database) = &self.database {
            let path = quoted(&database.to_string_lossy());
            values.push(("# path = \"sealpush.db\"", format!("path = {path}")));
        }
        let mut text = Config::example().replacen(
            "Printed by `sealpush config example`",
            "Written by `sealpush init`",
            1,
        );
        for line in [
            "[registration_keys]",
            "long_term_key_file = \"long-term.key\"",
            "ring_file = \"registration-keys.json\"",
        ] {
            text = text.replacen(&format!("\n# {line}\n"), &format!("\n{line}\n"), 1);
        }
        for (line, value) in values {
            text = text.replacen(&format!("\n{line}\n"), &format!("\n{value}\n"), 1);
        }
        Ok(text)
    }

    /// Makes a directory that only the relay may enter. One that is there stays as it is.
    fn make_folder(&self, folder: &Path) -> Result<(), NewConfigError> {
        let failed = |error| NewConfigError::Write { file: folder.to_owned(), error };
        if folder.is_dir() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        self.hand_over(folder).map_err(failed)
    }

    /// Makes a file that only the relay may read; never over another.
    fn make_file(&self, file: &Path, text: &[u8], made: &mut Made) -> Result<(), NewConfigError> {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::AlreadyExists => NewConfigError::Exists(file.to_owned()),
            _ => NewConfigError::Write { file: file.to_owned(), error },
        };
        let mut opened =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
        made.0.push(file.to_owned());
        // Whatever the umask took away, the owner can read it.
        opened.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
        opened.write_all(text).and_then(|()| opened.sync_all()).map_err(failed)?;
        self.hand_over(file).map_err(failed)
    }

    fn hand_over(&self, path: &Path) -> io::Result<()> {
        match &self.relay {
            Some(relay) => chown(path, Some(relay.uid), Some(relay.gid)),
            None => Ok(()),
        }
    }
}

/// The files of a config that is not complete yet: removed again unless it becomes so.
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for file in &self.0 {
            // What cannot be removed is named by the next try.
            let _ = fs::remove_file(file);
        }
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
