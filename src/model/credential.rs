//! Bearer tokens: how senders, apps and operators prove who they are.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Id;
use crate::base::{Entropy, Secret};

/// Whose bearer token it is, told by its first characters, so that secret scanners find leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKindPrefix {
    /// A sender's credential, `sp_s_`.
    Sender,
    /// An app's hold on its registration, `sp_r_`.
    Registration,
    /// An operator's token, `sp_o_`.
    Operator,
    /// An invite's code, `sp_i_`: it makes one sender, and proves nothing else.
    Invite,
}

impl TokenKindPrefix {
    /// The characters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sp_s_",
            Self::Registration => "sp_r_",
            Self::Operator => "sp_o_",
            Self::Invite => "sp_i_",
        }
    }
}

/// The text is no bearer token of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a bearer token of this kind, or mistyped (its check digits do not fit)")]
pub struct BearerTokenError;

/// An id and a secret: prefix, then base64url of id (16 bytes), secret (32) and the CRC-32 of those 48 (4,
/// big endian). Does not print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BearerToken {
    id: [u8; 16],
    secret: Secret<[u8; 32]>,
}

impl BearerToken {
    /// A new token for `id`.
    #[must_use]
    pub fn draw<K>(id: Id<K>, entropy: &dyn Entropy) -> Self {
        Self { id: *id.as_bytes(), secret: Secret::new(entropy.bytes()) }
    }

    /// The token of `id` with this secret.
    #[must_use]
    pub fn from_parts<K>(id: Id<K>, secret: [u8; 32]) -> Self {
        Self { id: *id.as_bytes(), secret: Secret::new(secret) }
    }

    /// Reads a token of `kind`.
    pub fn parse(kind: TokenKindPrefix, text: &str) -> Result<Self, BearerTokenError> {
        let encoded = text.strip_prefix(kind.as_str()).ok_or(BearerTokenError)?;
        let bytes =
            zeroize::Zeroizing::new(sealpush_seal::base64url::decode(encoded).map_err(|_| BearerTokenError)?);
        let (id, rest) = bytes.split_first_chunk::<16>().ok_or(BearerTokenError)?;
        let (secret, crc) = rest.split_first_chunk::<32>().ok_or(BearerTokenError)?;
        let crc: [u8; 4] = crc.try_into().map_err(|_| BearerTokenError)?;
        if crc32fast::hash(&bytes[..48]) != u32::from_be_bytes(crc) {
            return Err(BearerTokenError);
        }
        Ok(Self { id: *id, secret: Secret::new(*secret) })
    }

    /// The id, as that of a `K`.
    #[must_use]
    pub fn id<K>(&self) -> Id<K> {
        Id::from_bytes(self.id)
    }

    /// What the store keeps of the secret.
    #[must_use]
    pub fn secret_hash(&self) -> SecretHash {
        SecretHash::of(self.secret.expose())
    }

    /// The token as text, to be shown once to whom it belongs.
    #[must_use]
    pub fn reveal(&self, kind: TokenKindPrefix) -> String {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(52));
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(self.secret.expose());
        let crc = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&crc.to_be_bytes());
        format!("{}{}", kind.as_str(), sealpush_seal::base64url::encode(&bytes))
    }
}

/// SHA-256 of a secret of 256 random bits: with so much randomness no slow hash is needed.
#[derive(Debug, Clone, Copy)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of `secret`.
    #[must_use]
    pub fn of(secret: &[u8; 32]) -> Self {
        Self(Sha256::digest(secret).into())
    }
}

impl PartialEq for SecretHash {
    /// In constant time, so that no one learns by trying how much of a guess is right.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;
    use crate::model::CredentialId;

    #[test]
    fn a_bearer_token_survives_its_text() {
        let token = BearerToken::draw(CredentialId::random(&OsEntropy), &OsEntropy);
        let text = token.reveal(TokenKindPrefix::Sender);
        assert_eq!(BearerToken::parse(TokenKindPrefix::Sender, &text), Ok(token));
        assert_eq!(text.len(), 5 + 70);
    }

    #[test]
    fn a_mistyped_or_foreign_token_is_none() {
        let token = BearerToken::draw(CredentialId::random(&OsEntropy), &OsEntropy);
        let text = token.reveal(TokenKindPrefix::Sender);
        let mistyped = text.replace(&text[20..21], if &text[20..21] == "A" { "B" } else { "A" });
        assert_eq!(BearerToken::parse(TokenKindPrefix::Sender, &mistyped), Err(BearerTokenError));
        assert_eq!(BearerToken::parse(TokenKindPrefix::Registration, &text), Err(BearerTokenError));
        assert_eq!(BearerToken::parse(TokenKindPrefix::Sender, "sp_s_"), Err(BearerTokenError));
    }

    #[test]
    fn a_bearer_token_does_not_print() {
        let token = BearerToken::draw(CredentialId::random(&OsEntropy), &OsEntropy);
        assert!(format!("{token:?}").contains("[secret]"));
    }
}
