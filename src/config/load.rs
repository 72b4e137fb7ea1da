//! Reads the config file, then the app files, then the key files that both name.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::egress::EgressText;
use super::limits::LimitsText;
use super::listen::ListenTexts;
use super::operator::OperatorText;
use super::outcomes::OutcomesText;
use super::push_services::PushServicesText;
use super::registration_keys::RegistrationKeysText;
use super::relay::RelayText;
use super::retention::RetentionText;
use super::sharing::SharingText;
use super::source::Source;
use super::storage::StorageText;
use super::{
    Admission, AppConfig, Config, ConfigError, Egress, KeyFile, Listen, Logs, Mode, PushServiceAddresses,
    StoragePlace, Tls, TlsCertificate,
};

/// The config file where the command line names none.
const ENVIRONMENT: &str = "SEALPUSH_CONFIG";
const BESIDE: &str = "sealpush.toml";
const INSTALLED: &str = "/etc/sealpush/sealpush.toml";

/// The config file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigText {
    #[serde(default = "default_apps_dir")]
    apps_dir: PathBuf,
    relay: RelayText,
    #[serde(default)]
    listen: ListenTexts,
    #[serde(default)]
    operator: OperatorText,
    #[serde(default)]
    admission: Admission,
    pub(super) storage: StorageText,
    pub(super) registration_keys: Option<RegistrationKeysText>,
    #[serde(default)]
    outcomes: OutcomesText,
    #[serde(default)]
    retention: RetentionText,
    #[serde(default)]
    sharing: SharingText,
    #[serde(default)]
    limits: LimitsText,
    #[serde(default)]
    push_services: PushServicesText,
    #[serde(default)]
    egress: EgressText,
    #[serde(default)]
    logs: Logs,
}

fn default_apps_dir() -> PathBuf {
    "apps".into()
}

impl Config {
    /// Reads the config file at `path`, every `*.toml` in its `apps_dir`, and every key file that they name.
    pub fn load(path: &Path, mode: Mode) -> Result<Self, ConfigError> {
        let (mut warnings, mut key_files) = (Vec::new(), Vec::new());
        let mut source = Source { file: path, mode, warnings: &mut warnings, key_files: &mut key_files };
        let text: ConfigText = source.parse(
            "Name it with `--config` or SEALPUSH_CONFIG, and read it as the relay's user; \
             `sealpush config example > sealpush.toml` begins one.",
        )?;
        let relay = text.relay.check(&source)?;
        let listen = text.listen.check(&mut source)?;
        let storage = text.storage.check(&mut source)?;
        let keys = text.registration_keys.map(|keys| keys.check(&mut source)).transpose()?;
        let (registration_key_files, registration_keys) = keys.unzip();
        let operator = text.operator.check(&mut source, &storage.path)?;
        let outcomes = text.outcomes.check(&source)?;
        let retention = text.retention.check(&source)?;
        let sharing = text.sharing.check(&source)?;
        let limits = text.limits.check(&source)?;
        let push_services = text.push_services.check(&source)?;
        let egress = text.egress.check(&mut source)?;
        check_that_acme_gets_out(&source, &listen, &egress)?;
        let apps_dir = source.path(&text.apps_dir);
        let apps = load_apps(&apps_dir, mode, &push_services, &mut warnings, &mut key_files)?;
        if apps.is_empty() {
            let shown = apps_dir.display();
            warnings.push(format!(
                "There is no app in {shown}, so nothing can be sent. `sealpush app add` adds one."
            ));
        }
        Ok(Self {
            file: path.to_owned(),
            mode,
            relay,
            listen,
            operator,
            admission: text.admission,
            storage,
            registration_key_files,
            registration_keys,
            outcomes,
            retention,
            sharing,
            limits,
            push_services,
            egress,
            logs: text.logs,
            apps_dir,
            apps,
            warnings,
            key_files,
        })
    }

    /// Reads where the database is and under which keys, anew; nothing else of the config counts.
    pub fn load_storage(path: &Path, mode: Mode) -> Result<StoragePlace, ConfigError> {
        let (mut warnings, mut key_files) = (Vec::new(), Vec::new());
        let mut source = Source { file: path, mode, warnings: &mut warnings, key_files: &mut key_files };
        let text: ConfigText = source.parse("The relay's user must be able to read it.")?;
        text.storage.check(&mut source)
    }

    /// Where the config file is, where the command line does not say: in the environment variable
    /// `SEALPUSH_CONFIG`, else `sealpush.toml` in the working directory, else
    /// `/etc/sealpush/sealpush.toml`.
    #[must_use]
    pub fn default_path() -> PathBuf {
        #[expect(clippy::disallowed_methods, reason = "config is the only reader of the environment")]
        let named = std::env::var_os(ENVIRONMENT);
        // A working directory that its user may not enter (root's, after `sudo -u`) holds no config for them; that
        // of an installed relay, which only its own user may enter, counts as one: the error then says so.
        let (beside, installed) = (Path::new(BESIDE).try_exists(), Path::new(INSTALLED).try_exists());
        match named {
            Some(path) if !path.is_empty() => path.into(),
            _ if !beside.unwrap_or(false) && installed.unwrap_or(true) => INSTALLED.into(),
            _ => BESIDE.into(),
        }
    }
}

/// The ACME client knows no proxy; with one configured it would be the one connection that goes around it.
fn check_that_acme_gets_out(
    source: &Source<'_>,
    listen: &[Listen],
    egress: &Egress,
) -> Result<(), ConfigError> {
    let orders =
        |tls: &Tls| matches!(tls.certificate, TlsCertificate::Acme(_)) && *egress != Egress::default();
    if listen.iter().filter_map(|listen| listen.tls.as_ref()).any(orders) {
        return Err(source.refuse(
            "listen.tls.acme",
            "does not go by the way of [egress]; have another program order the certificate, and name its files in `tls`",
        ));
    }
    Ok(())
}

/// The apps in the order of their ids. A directory that does not exist holds none.
fn load_apps(
    directory: &Path,
    mode: Mode,
    push_services: &PushServiceAddresses,
    warnings: &mut Vec<String>,
    key_files: &mut Vec<KeyFile>,
) -> Result<Vec<AppConfig>, ConfigError> {
    let unreadable = |error| ConfigError::Read {
        file: directory.to_owned(),
        error,
        hint: "`apps_dir` must be a directory that the relay's user may read.",
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files.iter().map(|file| AppConfig::load(file, mode, push_services, warnings, key_files)).collect()
}
