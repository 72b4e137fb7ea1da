//! Text → checked values: the only reader of the environment and of files.
//!
//! Owns the shape of the config file, of the files in `apps_dir` and of the key files that they name.
//! Every error names the file, the key and what to do. Nothing here opens a connection or a database.
//! One file per topic: each has a `…Text` struct (what is written) and a checked one (what the rest of the
//! relay may rely on). Read next: [`crate::server`], which turns these values into a relay.

mod account;
mod acme;
mod admission;
mod apns;
mod app;
mod certificate_files;
mod changes;
mod chosen;
mod client_certificates;
mod destinations;
mod egress;
mod error;
mod example;
mod fcm;
mod key_bytes;
mod key_file;
mod key_places;
mod limits;
mod listen;
mod load;
mod logs;
mod mode;
mod new_app;
mod new_config;
mod operator;
mod outcomes;
mod passed_sockets;
mod published_keys;
mod push_services;
mod rates;
mod registration_key_files;
mod registration_keys;
mod registration_ring;
mod relay;
mod retention;
mod sharing;
mod source;
mod storage;
mod storage_key_file;
mod tls;
mod trusted_proxies;
mod url;
mod written_key_file;

use std::path::PathBuf;

pub use account::Account;
pub use acme::Acme;
pub use admission::Admission;
pub use apns::ApnsCredentials;
pub use app::AppConfig;
pub use certificate_files::CertificateFiles;
pub use changes::ConfigChanges;
pub use chosen::ChosenSettings;
pub use client_certificates::{ClientCertificates, ClientMode};
pub use destinations::{Destination, Purpose};
pub use egress::{Egress, Proxy};
pub use error::ConfigError;
pub use fcm::FcmCredentials;
pub use key_file::KeyFile;
pub use key_places::KeyPlaces;
pub use limits::Limits;
pub use listen::{Listen, ListenAt};
pub use logs::{LogFormat, LogLevel, Logs};
pub use mode::Mode;
pub use new_app::{NewApns, NewApp, NewAppError, WrittenApp};
pub use new_config::{NewConfig, NewConfigError, WrittenConfig};
pub use operator::OperatorListen;
pub use outcomes::Outcomes;
pub use passed_sockets::passed_socket_names;
pub use published_keys::{KeyFingerprint, PUBLISHED_KEYS};
pub use push_services::PushServiceAddresses;
pub use registration_key_files::{MadeRegistrationKeys, RegistrationKeyFiles, StagedRing};
pub use registration_keys::RegistrationKeyring;
pub use registration_ring::{PreviousKeys, RegistrationKey};
pub use relay::RelayFacts;
pub use retention::Retention;
pub use sharing::Sharing;
pub use storage::StoragePlace;
pub use storage_key_file::StagedStorageKeys;
pub use tls::{Tls, TlsCertificate};
pub use trusted_proxies::{ClientHeader, TrustedProxies};
pub use written_key_file::KeyFileError;

/// Everything that a relay is told by its operator, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it was read from.
    pub file: PathBuf,
    /// For real, or for trying out.
    pub mode: Mode,
    /// What the relay says of itself.
    pub relay: RelayFacts,
    /// Where senders and apps reach it; at least one.
    pub listen: Vec<Listen>,
    /// Where the operator reaches it.
    pub operator: OperatorListen,
    /// Who may become a sender.
    pub admission: Admission,
    /// Where it keeps what it must remember, and under which key.
    pub storage: StoragePlace,
    /// Where its registration keys are, if it takes sealed registrations.
    pub registration_key_files: Option<RegistrationKeyFiles>,
    /// The registration keys themselves.
    pub registration_keys: Option<RegistrationKeyring>,
    /// How long it remembers how deliveries ended.
    pub outcomes: Outcomes,
    /// How long it keeps everything else.
    pub retention: Retention,
    /// Whether senders may share usage, and what is kept of it.
    pub sharing: Sharing,
    /// How much it takes.
    pub limits: Limits,
    /// Where it reaches the push services.
    pub push_services: PushServiceAddresses,
    /// How it gets there.
    pub egress: Egress,
    /// What it writes to its log.
    pub logs: Logs,
    /// The directory of the app files.
    pub apps_dir: PathBuf,
    /// The apps, in the order of their ids.
    pub apps: Vec<AppConfig>,
    /// What is allowed and still worth a sentence at start, such as a key file that the group can read.
    pub warnings: Vec<String>,
    /// Where each private key lies.
    pub key_files: Vec<KeyFile>,
}
