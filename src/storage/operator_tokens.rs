//! The narrow trait of operators' tokens.

use async_trait::async_trait;

use super::{ActError, StorageError};
use crate::base::{Day, UnixMillis};
use crate::model::{AuditEntry, OperatorToken, OperatorTokenId};

/// Operators' tokens.
#[async_trait]
pub trait OperatorTokens: Send + Sync {
    /// Stores a token.
    async fn add(&self, token: &OperatorToken, audit: &AuditEntry) -> Result<(), ActError>;

    /// Tokens in the order of their ids, after `after`, at most `limit`.
    async fn list(
        &self,
        after: Option<OperatorTokenId>,
        limit: u32,
    ) -> Result<Vec<OperatorToken>, StorageError>;

    /// The token with this id.
    async fn find(&self, id: OperatorTokenId) -> Result<Option<OperatorToken>, StorageError>;

    /// Notes that a token was used on `day`; nothing where that is known.
    async fn used(&self, id: OperatorTokenId, day: Day) -> Result<(), StorageError>;

    /// Erases a token. False where there is none.
    async fn revoke(&self, id: OperatorTokenId, audit: &AuditEntry) -> Result<bool, ActError>;

    /// Erases tokens that have expired at `now`, at most `limit`. How many there were.
    async fn forget_expired(&self, now: UnixMillis, limit: u32) -> Result<u64, StorageError>;
}
