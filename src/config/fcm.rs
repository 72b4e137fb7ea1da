//! `[fcm]` of an app file: the service account that the app's publisher made at Google.

use std::path::PathBuf;

use aws_lc_rs::rsa;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use super::published_keys::KeyFingerprint;
use super::source::Source;
use super::{ConfigError, PushServiceAddresses};
use crate::base::Secret;

/// Google, "Using OAuth 2.0 for server to server applications".
const GOOGLE_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// An app's credential for FCM: a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FcmCredentials {
    /// The Firebase project; part of the request path.
    pub project_id: String,
    /// The service account, the issuer of the assertion.
    pub client_email: String,
    /// The key's id at Google.
    pub private_key_id: String,
    /// The RSA key as PEM, PKCS#8.
    pub private_key_pem: Secret<String>,
    /// Where the assertion is exchanged: Google's endpoint, or the one that `push_services.fcm_token_url` names.
    pub token_uri: String,
}

/// `[fcm]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FcmText {
    service_account_file: PathBuf,
}

/// What we need of a service-account file; Google adds members now and then.
#[derive(Deserialize)]
struct ServiceAccount {
    #[serde(rename = "type")]
    kind: String,
    project_id: String,
    private_key_id: String,
    private_key: String,
    client_email: String,
    token_uri: String,
}

impl FcmText {
    /// Reads the service-account file.
    pub(super) fn check(
        self,
        source: &mut Source<'_>,
        push_services: &PushServiceAddresses,
    ) -> Result<FcmCredentials, ConfigError> {
        let key = "fcm.service_account_file";
        let json = source.read_key(key, &self.service_account_file)?;
        let shown = self.service_account_file.display();
        // The parser's own message could show a piece of the file, and the file holds a private key.
        let account: ServiceAccount = serde_json::from_slice(&json).map_err(|error| {
            source.refuse(
                key,
                format!("{shown} is not a service-account file of Google's (wrong near line {}). Download a new JSON key", error.line()),
            )
        })?;
        let private_key_pem = Secret::new(account.private_key);
        if account.kind != "service_account" {
            return Err(source.refuse(key, format!("{shown} is of another type than \"service_account\"")));
        }
        // It becomes part of a request path: old projects have a domain before a colon.
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':');
        if account.project_id.is_empty() || !account.project_id.bytes().all(fits) {
            return Err(source.refuse(key, format!("project_id in {shown} is not the id of a project")));
        }
        check_token_uri(source, &account.token_uri, push_services)?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(private_key_pem.expose().as_bytes())
            .map_err(|_| source.refuse(key, format!("private_key in {shown} is not a PEM key (PKCS#8)")))?;
        rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| source.refuse(key, format!("private_key in {shown} is not an RSA key")))?;
        KeyFingerprint::of(der.secret_pkcs8_der()).refuse_published(source, key)?;
        Ok(FcmCredentials {
            project_id: account.project_id,
            client_email: account.client_email,
            private_key_id: account.private_key_id,
            private_key_pem,
            token_uri: account.token_uri,
        })
    }
}

/// The address comes from a file that may have come by mail: to whoever answers there, the relay would show
/// a signed assertion, and it may lie inside the operator's network. So it is compared, never believed.
fn check_token_uri(
    source: &Source<'_>,
    token_uri: &str,
    push_services: &PushServiceAddresses,
) -> Result<(), ConfigError> {
    if token_uri == GOOGLE_TOKEN_URI || Some(token_uri) == push_services.fcm_token.as_deref() {
        return Ok(());
    }
    Err(source.refuse(
        "fcm.service_account_file",
        format!(
            "its token_uri is neither {GOOGLE_TOKEN_URI} nor push_services.fcm_token_url. \
             Take the file as Google gave it, or name the endpoint in the config if it is meant"
        ),
    ))
}
