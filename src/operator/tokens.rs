//! Makes, lists and revokes the operator's own tokens.

use std::sync::Arc;

use super::{Operator, PAGE};
use crate::base::to_the_end;
use crate::model::{
    Actor, BearerToken, Lifetime, OperatorRole, OperatorToken, OperatorTokenId, TokenKindPrefix,
};
use crate::storage::{ActError, StorageError};

/// Why nothing was made, listed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum OperatorTokenError {
    /// There is none with this id.
    #[error("there is no operator token {0}")]
    NoSuchToken(OperatorTokenId),
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The store could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A token that was just made.
pub struct NewOperatorToken {
    /// It.
    pub token: OperatorToken,
    /// Its text. It is shown once: the store keeps a hash.
    pub text: String,
}

/// Some tokens, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorTokenPage {
    /// At most [`PAGE`].
    pub tokens: Vec<OperatorToken>,
    /// Where the next page begins, if there is one: after this token.
    pub next: Option<OperatorTokenId>,
}

impl Operator {
    /// Makes a token; without a lifetime it counts until it is revoked.
    pub async fn add_token(
        &self,
        by: Actor,
        role: OperatorRole,
        lifetime: Option<Lifetime>,
    ) -> Result<NewOperatorToken, OperatorTokenError> {
        let id = OperatorTokenId::random(&*self.entropy);
        let drawn = BearerToken::draw(id, &*self.entropy);
        let expires_at = lifetime.map(|lifetime| self.clock.now().plus(lifetime.duration()));
        let token =
            OperatorToken { id, secret_hash: drawn.secret_hash(), role, expires_at, last_used_day: None };
        let entry = self.entry(by, "operator_token.add", id, format!("role={role}"));
        self.tokens.add(&token, &entry).await?;
        Ok(NewOperatorToken { token, text: drawn.reveal(TokenKindPrefix::Operator) })
    }

    /// The tokens after `after`, or from the first on.
    pub async fn list_tokens(
        &self,
        after: Option<OperatorTokenId>,
    ) -> Result<OperatorTokenPage, OperatorTokenError> {
        // One more than is shown tells whether there is a next page.
        let mut tokens = self.tokens.list(after, PAGE + 1).await?;
        let more = tokens.len() > PAGE as usize;
        tokens.truncate(PAGE as usize);
        let next = if more { tokens.last().map(|token| token.id) } else { None };
        Ok(OperatorTokenPage { tokens, next })
    }

    /// Revokes a token: it stops at once. The relay's own machine needs none, so that the last one may go too.
    pub async fn revoke_token(&self, by: Actor, id: OperatorTokenId) -> Result<(), OperatorTokenError> {
        let entry = self.entry(by, "operator_token.revoke", id, String::new());
        let tokens = Arc::clone(&self.tokens);
        // To its end also where whoever asked hangs up: what is erased is overwritten.
        let revoked = to_the_end(async move { tokens.revoke(id, &entry).await }).await?;
        if revoked { Ok(()) } else { Err(OperatorTokenError::NoSuchToken(id)) }
    }
}
