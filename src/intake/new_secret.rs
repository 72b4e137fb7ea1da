//! Who draws a credential's id and secret: the one who will hold it, or the relay.

use crate::base::Entropy;
use crate::model::{BearerToken, CredentialId, SecretHash, TokenKindPrefix};

/// Who draws a credential.
#[derive(Debug, Clone, Copy)]
pub enum NewSecret {
    /// Its holder drew id and secret, and keeps the secret: a lost answer loses nothing, and the relay never sees more
    /// than the hash before the first use.
    Held {
        /// The credential's id.
        id: CredentialId,
        /// SHA-256 of its secret.
        secret_hash: SecretHash,
    },
    /// The relay shall draw both and say them once.
    Drawn,
}

/// A credential's id, the hash of its secret, and its text where the relay drew it.
pub(super) struct Drawing {
    pub(super) id: CredentialId,
    pub(super) secret_hash: SecretHash,
    pub(super) text: Option<String>,
}

impl NewSecret {
    /// The credential that it comes to.
    pub(super) fn draw(self, entropy: &dyn Entropy) -> Drawing {
        match self {
            Self::Held { id, secret_hash } => Drawing { id, secret_hash, text: None },
            Self::Drawn => {
                let id = CredentialId::random(entropy);
                let token = BearerToken::draw(id, entropy);
                let text = Some(token.reveal(TokenKindPrefix::Sender));
                Drawing { id, secret_hash: token.secret_hash(), text }
            }
        }
    }
}
