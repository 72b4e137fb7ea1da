//! Google's side of service accounts: who they are, and the access tokens that were given to them.
//!
//! Owns projects, public keys and access tokens. Read next: `assertion`, `oauth`.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use rcgen::KeyPair;
use serde_json::json;

/// One service account per project. They share one RSA key, because making one is the slowest thing a
/// simulator does; what tells them apart, as at Google, is the `iss` claim.
#[derive(Debug)]
pub(crate) struct Accounts {
    token_url: String,
    key: OnceLock<AccountKey>,
    projects: RwLock<HashMap<String, String>>,
    access_tokens: RwLock<HashMap<String, Access>>,
}

#[derive(Debug)]
struct AccountKey {
    id: String,
    private_pem: String,
    /// DER of `RSAPublicKey` (RFC 8017 appendix A.1.1).
    public_key: Vec<u8>,
}

impl AccountKey {
    fn new(pair: &KeyPair) -> Self {
        Self {
            id: hex::encode(crate::random::bytes::<20>()),
            private_pem: pair.serialize_pem(),
            public_key: pair.public_key_raw().to_vec(),
        }
    }
}

/// What an access token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) project: String,
    /// Whether the scopes include messaging.
    pub(crate) may_send: bool,
    pub(crate) expires_ms: u64,
}

impl Accounts {
    /// No accounts yet; `token_url` is what assertions have to be addressed to. Without a key in PEM one is made
    /// when it is needed.
    pub(crate) fn new(token_url: String, key_pem: Option<&str>) -> Result<Self, rcgen::Error> {
        let key = OnceLock::new();
        if let Some(pem) = key_pem {
            let pair = KeyPair::from_pkcs8_pem_and_sign_algo(pem, &rcgen::PKCS_RSA_SHA256)?;
            key.get_or_init(|| AccountKey::new(&pair));
        }
        Ok(Self { token_url, key, projects: RwLock::default(), access_tokens: RwLock::default() })
    }

    /// The URL of the token endpoint.
    pub(crate) fn token_url(&self) -> &str {
        &self.token_url
    }

    /// Makes a project known, with its service account.
    pub(crate) fn add_project(&self, project: &str) {
        let mut projects = self.projects.write().unwrap_or_else(PoisonError::into_inner);
        projects.entry(email(project)).or_insert_with(|| project.to_owned());
    }

    /// The key file of a project's service account, as Google's console lets it be downloaded.
    pub(crate) fn key_file(&self, project: &str) -> String {
        self.add_project(project);
        let key = self.key();
        let file = json!({
            "type": "service_account",
            "project_id": project,
            "private_key_id": key.id,
            "private_key": key.private_pem,
            "client_email": email(project),
            "client_id": "100000000000000000000",
            "token_uri": self.token_url,
            "universe_domain": "googleapis.com",
        });
        format!("{file:#}")
    }

    /// The project of a service account.
    pub(crate) fn project_of(&self, email: &str) -> Option<String> {
        self.projects.read().unwrap_or_else(PoisonError::into_inner).get(email).cloned()
    }

    /// Whether a project exists.
    pub(crate) fn has_project(&self, project: &str) -> bool {
        self.project_of(&email(project)).is_some()
    }

    /// The key that assertions are signed with: its id, and the DER of the public half.
    pub(crate) fn public_key(&self) -> (&str, &[u8]) {
        let key = self.key();
        (&key.id, &key.public_key)
    }

    /// Gives out an access token.
    pub(crate) fn grant(&self, access: Access) -> String {
        let token = format!("ya29.{}", crate::random::base64url::<64>());
        let mut tokens = self.access_tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(token.clone(), access);
        token
    }

    /// What an access token allows now; `None` where it is unknown or has run out.
    pub(crate) fn access(&self, token: &str, now_ms: u64) -> Option<Access> {
        let tokens = self.access_tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).filter(|access| access.expires_ms > now_ms).cloned()
    }

    /// Makes every access token invalid.
    pub(crate) fn revoke_all(&self) {
        self.access_tokens.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn key(&self) -> &AccountKey {
        self.key.get_or_init(|| {
            let pair = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
                .expect("a 2048-bit RSA key can be made");
            AccountKey::new(&pair)
        })
    }
}

fn email(project: &str) -> String {
    format!("push@{project}.iam.gserviceaccount.com")
}
