//! A credential that a sender's administrator draws: the relay gets its hash.

use sealpush_seal::base64url;

use crate::base::{OsEntropy, Secret};
use crate::model::{BearerToken, CredentialId, TokenKindPrefix};

/// A sender's credential, drawn here or read from a key file.
pub(super) struct OwnCredential {
    token: BearerToken,
}

impl OwnCredential {
    /// A new one.
    pub(super) fn draw() -> Self {
        Self { token: BearerToken::draw(CredentialId::random(&OsEntropy), &OsEntropy) }
    }

    /// The one whose text this is.
    pub(super) fn parse(text: &Secret<String>) -> anyhow::Result<Self> {
        Ok(Self { token: BearerToken::parse(TokenKindPrefix::Sender, text.expose())? })
    }

    /// Its id.
    pub(super) fn id(&self) -> CredentialId {
        self.token.id()
    }

    /// What the relay keeps of it, base64url.
    pub(super) fn secret_hash(&self) -> String {
        base64url::encode(&self.token.secret_hash().0)
    }

    /// Its text.
    pub(super) fn text(&self) -> Secret<String> {
        Secret::new(self.token.reveal(TokenKindPrefix::Sender))
    }
}
