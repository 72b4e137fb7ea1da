//! Who asks over the network: an operator's token, and what its role allows.
//!
//! Must not tell a wrong secret from an unknown id: both are the same refusal, after the same work. Must not know
//! addresses: limits on failed authentication stand before it.

use super::Operator;
use crate::model::{Actor, BearerToken, OperatorRole, TokenKindPrefix};
use crate::storage::StorageError;

/// Why a request is not the operator's, or not allowed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorAuthError {
    /// No bearer token, one of another kind, or a mistyped one.
    #[error("no operator token")]
    Malformed,
    /// No such token, a wrong secret, or an expired token.
    #[error("the operator token is not valid")]
    Invalid,
    /// The token only reads.
    #[error("the operator token only reads")]
    OwnerNeeded,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Operator {
    /// Who acts by `token`, where its role allows at least what `needed` does.
    pub async fn authenticate(
        &self,
        token: Option<&str>,
        needed: OperatorRole,
    ) -> Result<Actor, OperatorAuthError> {
        let shown = token.and_then(|token| BearerToken::parse(TokenKindPrefix::Operator, token).ok());
        let shown = shown.ok_or(OperatorAuthError::Malformed)?;
        let secret_hash = shown.secret_hash();
        let token = self.tokens.find(shown.id()).await?.ok_or(OperatorAuthError::Invalid)?;
        let now = self.clock.now();
        if token.secret_hash != secret_hash || token.expires_at.is_some_and(|at| at <= now) {
            return Err(OperatorAuthError::Invalid);
        }
        match (token.role, needed) {
            (OperatorRole::Owner, _) | (OperatorRole::Viewer, OperatorRole::Viewer) => {}
            (OperatorRole::Viewer, OperatorRole::Owner) => return Err(OperatorAuthError::OwnerNeeded),
        }
        // A clock that was set back has nothing new to say.
        if token.last_used_day.is_none_or(|day| day < now.day()) {
            // Worth knowing, and not worth refusing the operator for when the disk is full.
            if let Err(error) = self.tokens.used(token.id, now.day()).await {
                tracing::error!(%error, "the day on which an operator token was used could not be written");
            }
        }
        Ok(Actor::OperatorToken(token.id))
    }
}
