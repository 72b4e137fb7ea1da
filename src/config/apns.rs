//! `[apns]` of an app file: the credential that the app's publisher made at Apple.

use std::path::PathBuf;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use super::ConfigError;
use super::published_keys::KeyFingerprint;
use super::source::Source;
use crate::base::Secret;
use crate::model::Environment;

/// An app's credential for APNs: a provider-token signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApnsCredentials {
    /// The Apple developer team, 10 capital letters and digits.
    pub team_id: String,
    /// The key's id at Apple, 10 capital letters and digits.
    pub key_id: String,
    /// The P-256 key as PEM, PKCS#8 (`.p8`).
    pub private_key_pem: Secret<String>,
    /// The app's bundle id, without a suffix.
    pub topic: String,
    /// Where the key may be used; at least one.
    pub environments: Vec<Environment>,
}

/// `[apns]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApnsText {
    team_id: String,
    key_id: String,
    key_file: PathBuf,
    topic: String,
    #[serde(default = "both")]
    environments: Vec<Environment>,
}

fn both() -> Vec<Environment> {
    Environment::ALL.to_vec()
}

impl ApnsText {
    /// Checks the ids and reads the key.
    pub(super) fn check(mut self, source: &mut Source<'_>) -> Result<ApnsCredentials, ConfigError> {
        // Apple, "Establishing a token-based connection to APNs": both ids have 10 characters.
        for (key, id) in [("apns.team_id", &self.team_id), ("apns.key_id", &self.key_id)] {
            let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            if id.len() != 10 || !id.bytes().all(fits) {
                return Err(source.refuse(
                    key,
                    format!(
                        "`{id}` must be 10 capital letters and digits, as Apple's developer account shows it"
                    ),
                ));
            }
        }
        // A bundle id; it becomes a header, and PushKit's topic is this and `.voip`.
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
        if self.topic.is_empty() || self.topic.len() > 155 || !self.topic.bytes().all(fits) {
            return Err(source.refuse("apns.topic", "must be the app's bundle id, such as org.example.chat"));
        }
        if self.topic.strip_suffix(".voip").is_some() {
            return Err(
                source.refuse("apns.topic", "must be the bundle id itself; the relay adds `.voip` for calls")
            );
        }
        self.environments.sort();
        self.environments.dedup();
        if self.environments.is_empty() {
            return Err(source.refuse("apns.environments", "is empty; leave it out for both environments"));
        }
        let private_key_pem = read_key(source, &self.key_file)?;
        Ok(ApnsCredentials {
            team_id: self.team_id,
            key_id: self.key_id,
            private_key_pem,
            topic: self.topic,
            environments: self.environments,
        })
    }
}

fn read_key(source: &mut Source<'_>, path: &std::path::Path) -> Result<Secret<String>, ConfigError> {
    let key = "apns.key_file";
    let pem = source.read_key(key, path)?;
    let wrong = || {
        format!(
            "{} is not the .p8 file that Apple gave out (a P-256 key as PEM, `BEGIN PRIVATE KEY`)",
            path.display()
        )
    };
    let der = PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|_| source.refuse(key, wrong()))?;
    // Apple signs with P-256 alone; another key would be refused only when the first notification goes out.
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der())
        .map_err(|_| source.refuse(key, wrong()))?;
    KeyFingerprint::of(der.secret_pkcs8_der()).refuse_published(source, key)?;
    let text = std::str::from_utf8(&pem).map_err(|_| source.refuse(key, wrong()))?;
    Ok(Secret::new(text.to_owned()))
}
