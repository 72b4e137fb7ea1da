//! What the operator gives to reach APNs, and whether it can work.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use crate::base::Secret;
use crate::model::Environment;

/// The credentials of one app at APNs: a token-signing key of its team, and the app's bundle id.
#[derive(Debug, Clone)]
pub struct ApnsCredentials {
    /// The team's id: 10 letters and digits, shown under "Membership" at developer.apple.com.
    pub team_id: String,
    /// The key's id: 10 letters and digits, also in the name of the `.p8` file.
    pub key_id: String,
    /// The content of the `.p8` file: a P-256 key in PKCS#8, in PEM.
    pub private_key_pem: Secret<String>,
    /// The bundle id, which is the topic of alerts; calls go to it with `.voip` behind.
    pub topic: String,
    /// The environments that the key is for. Keys made since 2025 are for one.
    pub environments: Vec<Environment>,
}

/// Why credentials for APNs cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApnsCredentialsError {
    /// The team id has another form.
    #[error("an Apple team id is 10 capital letters and digits")]
    TeamId,
    /// The key id has another form.
    #[error("an Apple key id is 10 capital letters and digits")]
    KeyId,
    /// The topic has another form.
    #[error(
        "an APNs topic is the app's bundle id: letters, digits, '-' and '.', without \".voip\" at its end"
    )]
    Topic,
    /// No environment.
    #[error("name at least one APNs environment, production or sandbox")]
    Environments,
    /// The key cannot be used.
    #[error("the APNs key is not a P-256 private key in PKCS#8 and PEM, as Apple's .p8 file holds it")]
    PrivateKey,
    /// Two apps name one key id with different keys.
    #[error("another app gives a different private key for the same team id and key id")]
    TwoKeysOfOneId,
    /// The placeholder leaves too little room.
    #[error("the placeholder is too long beside the largest envelope: use fewer quotes and backslashes")]
    Placeholder,
}

impl ApnsCredentials {
    /// Checks everything that can be checked without Apple, and returns the key.
    pub(super) fn check(&self) -> Result<EcdsaKeyPair, ApnsCredentialsError> {
        if !is_ten_characters(&self.team_id) {
            return Err(ApnsCredentialsError::TeamId);
        }
        if !is_ten_characters(&self.key_id) {
            return Err(ApnsCredentialsError::KeyId);
        }
        if !is_bundle_id(&self.topic) {
            return Err(ApnsCredentialsError::Topic);
        }
        if self.environments.is_empty() {
            return Err(ApnsCredentialsError::Environments);
        }
        let key = PrivatePkcs8KeyDer::from_pem_slice(self.private_key_pem.expose().as_bytes())
            .map_err(|_| ApnsCredentialsError::PrivateKey)?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_pkcs8_der())
            .map_err(|_| ApnsCredentialsError::PrivateKey)
    }
}

fn is_ten_characters(id: &str) -> bool {
    id.len() == 10 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Apple, "`CFBundleIdentifier`": letters, digits, hyphens and periods.
fn is_bundle_id(topic: &str) -> bool {
    let fits = topic.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    (1..=155).contains(&topic.len()) && fits && !topic.ends_with(".voip")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Credentials that pass, with a key made for this call.
    pub(in crate::push_services) fn example() -> ApnsCredentials {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        ApnsCredentials {
            team_id: "TEAM567890".into(),
            key_id: "KEY4567890".into(),
            private_key_pem: Secret::new(key.serialize_pem()),
            topic: "org.example.chat".into(),
            environments: Environment::ALL.to_vec(),
        }
    }

    #[test]
    fn good_credentials_pass() {
        assert!(example().check().is_ok());
    }

    #[test]
    fn each_bad_member_is_named() {
        type Case = (fn(&mut ApnsCredentials), ApnsCredentialsError);
        let other_curve = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let mut other_key = example();
        other_key.private_key_pem = Secret::new(other_curve.serialize_pem());
        assert_eq!(other_key.check().err(), Some(ApnsCredentialsError::PrivateKey));
        let cases: [Case; 7] = [
            (|c| c.team_id = "TEAM".into(), ApnsCredentialsError::TeamId),
            (|c| c.key_id = "key4567890".into(), ApnsCredentialsError::KeyId),
            (|c| c.topic = "org.example.chat.voip".into(), ApnsCredentialsError::Topic),
            (|c| c.topic = "org.example chat".into(), ApnsCredentialsError::Topic),
            (|c| c.topic.clear(), ApnsCredentialsError::Topic),
            (|c| c.environments.clear(), ApnsCredentialsError::Environments),
            (|c| c.private_key_pem = Secret::new("key".into()), ApnsCredentialsError::PrivateKey),
        ];
        for (spoil, error) in cases {
            let mut credentials = example();
            spoil(&mut credentials);
            assert_eq!(credentials.check().err(), Some(error));
        }
    }
}
