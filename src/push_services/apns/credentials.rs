//! Whether what the operator gave to reach APNs can work.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use crate::config::ApnsCredentials;

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

/// Checks everything that can be checked without Apple, and returns the key.
pub(super) fn check(credentials: &ApnsCredentials) -> Result<EcdsaKeyPair, ApnsCredentialsError> {
    if !is_ten_characters(&credentials.team_id) {
        return Err(ApnsCredentialsError::TeamId);
    }
    if !is_ten_characters(&credentials.key_id) {
        return Err(ApnsCredentialsError::KeyId);
    }
    if !is_bundle_id(&credentials.topic) {
        return Err(ApnsCredentialsError::Topic);
    }
    if credentials.environments.is_empty() {
        return Err(ApnsCredentialsError::Environments);
    }
    let key = PrivatePkcs8KeyDer::from_pem_slice(credentials.private_key_pem.expose().as_bytes())
        .map_err(|_| ApnsCredentialsError::PrivateKey)?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_pkcs8_der())
        .map_err(|_| ApnsCredentialsError::PrivateKey)
}

fn is_ten_characters(id: &str) -> bool {
    id.len() == 10 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Apple, "`CFBundleIdentifier`": letters, digits, hyphens and periods. The suffix of calls is added here, so
/// that whoever copied the topic of a call learns it.
fn is_bundle_id(topic: &str) -> bool {
    let fits = topic.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    (1..=155).contains(&topic.len()) && fits && topic.rsplit('.').next() != Some("voip")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use crate::model::Environment;

    /// Credentials that pass, with a key made for this call.
    fn example() -> ApnsCredentials {
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
        assert!(check(&example()).is_ok());
    }

    #[test]
    fn each_bad_member_is_named() {
        type Case = (fn(&mut ApnsCredentials), ApnsCredentialsError);
        let other_curve = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let mut other_key = example();
        other_key.private_key_pem = Secret::new(other_curve.serialize_pem());
        assert_eq!(check(&other_key).err(), Some(ApnsCredentialsError::PrivateKey));
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
            assert_eq!(check(&credentials).err(), Some(error));
        }
    }
}
