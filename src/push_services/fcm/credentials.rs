//! Whether what the operator gave to reach FCM can work.

use aws_lc_rs::signature::RsaKeyPair;
use http::Uri;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use crate::config::FcmCredentials;
use crate::push_services::Endpoint;

/// Why credentials for FCM cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FcmCredentialsError {
    /// The project id has another form.
    #[error("a Firebase project id is lower-case letters, digits, '-', '.' and ':'")]
    ProjectId,
    /// The service account has another form.
    #[error("client_email is not the address of a service account")]
    ClientEmail,
    /// The key's id has another form.
    #[error("private_key_id is not the id of a key")]
    PrivateKeyId,
    /// The key cannot be used.
    #[error("private_key is not an RSA key of 2048 to 8192 bits in PKCS#8 and PEM")]
    PrivateKey,
    /// The token endpoint is no URL that can be used.
    #[error("token_uri is not an https URL")]
    TokenUri,
}

/// Credentials that passed.
pub(super) struct Checked {
    /// The key.
    pub(super) key: RsaKeyPair,
    /// The host of the token endpoint.
    pub(super) token_endpoint: Endpoint,
    /// The path of the token endpoint.
    pub(super) token_path: Uri,
}

/// Checks everything that can be checked without Google.
pub(super) fn check(credentials: &FcmCredentials) -> Result<Checked, FcmCredentialsError> {
    // The project becomes part of a request path.
    let in_project = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:".contains(&b);
    if credentials.project_id.is_empty() || !credentials.project_id.bytes().all(in_project) {
        return Err(FcmCredentialsError::ProjectId);
    }
    let printable = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if !printable(&credentials.client_email) || !credentials.client_email.contains('@') {
        return Err(FcmCredentialsError::ClientEmail);
    }
    if !printable(&credentials.private_key_id) {
        return Err(FcmCredentialsError::PrivateKeyId);
    }
    let key = PrivatePkcs8KeyDer::from_pem_slice(credentials.private_key_pem.expose().as_bytes())
        .map_err(|_| FcmCredentialsError::PrivateKey)?;
    let key = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).map_err(|_| FcmCredentialsError::PrivateKey)?;
    let token_uri: Uri = credentials.token_uri.parse().map_err(|_| FcmCredentialsError::TokenUri)?;
    let token_endpoint = Endpoint::of(&token_uri).map_err(|_| FcmCredentialsError::TokenUri)?;
    let path = token_uri.into_parts().path_and_query.map(Uri::from);
    Ok(Checked { key, token_endpoint, token_path: path.unwrap_or_default() })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::Secret;

    /// Credentials that pass, with a key made for this call.
    pub(in crate::push_services::fcm) fn example() -> FcmCredentials {
        let key =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        FcmCredentials {
            project_id: "chat-example".into(),
            client_email: "relay@chat-example.iam.gserviceaccount.com".into(),
            private_key_id: "0123456789abcdef".into(),
            private_key_pem: Secret::new(key.serialize_pem()),
            token_uri: "https://oauth2.googleapis.com/token".into(),
        }
    }

    #[test]
    fn good_credentials_pass() {
        let checked = check(&example()).unwrap();
        assert_eq!(checked.token_endpoint.host(), "oauth2.googleapis.com");
        assert_eq!(checked.token_path, "/token");
    }

    #[test]
    fn each_bad_member_is_named() {
        type Case = (fn(&mut FcmCredentials), FcmCredentialsError);
        let good = example();
        let cases: [Case; 8] = [
            (|c| c.project_id = "../other".into(), FcmCredentialsError::ProjectId),
            (|c| c.project_id.clear(), FcmCredentialsError::ProjectId),
            (|c| c.client_email = "relay".into(), FcmCredentialsError::ClientEmail),
            (|c| c.private_key_id.clear(), FcmCredentialsError::PrivateKeyId),
            (|c| c.private_key_pem = Secret::new("key".into()), FcmCredentialsError::PrivateKey),
            (|c| c.token_uri = "http://oauth2.googleapis.com/token".into(), FcmCredentialsError::TokenUri),
            (|c| c.token_uri = "https://user@host/token".into(), FcmCredentialsError::TokenUri),
            (|c| c.token_uri = "token".into(), FcmCredentialsError::TokenUri),
        ];
        for (spoil, error) in cases {
            let mut credentials = good.clone();
            spoil(&mut credentials);
            assert_eq!(check(&credentials).err(), Some(error));
        }
    }
}
