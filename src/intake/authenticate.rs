//! Who asks: bearer tokens become senders, or the hold on one registration.
//!
//! Must not tell a wrong secret from an unknown id: both are the same refusal, after the same work.

use std::sync::Arc;

use super::{RateLimited, RateLimits};
use crate::base::Clock;
use crate::model::{
    BearerToken, ContentPolicy, Registration, RegistrationId, Scope, SenderId, SenderState, TokenKindPrefix,
};
use crate::storage::{Registrations, Senders, Storage, StorageError};

/// Why a request is not authenticated, or not allowed.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// No bearer token, one of another kind, or a mistyped one.
    #[error("no bearer token of the right kind")]
    Malformed,
    /// No such credential, a wrong secret, or an expired credential.
    #[error("the bearer token is not valid")]
    Invalid,
    /// The credential is valid and does not allow this.
    #[error("the credential lacks a scope")]
    ScopeMissing(Scope),
    /// The operator suspended the sender.
    #[error("the sender is suspended")]
    SenderSuspended,
    /// The sender asks too often.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A sender that proved who it is.
#[derive(Debug, Clone, Copy)]
pub struct AuthenticatedSender {
    /// Its id.
    pub id: SenderId,
    /// Its own content policy.
    pub content_policy: ContentPolicy,
}

/// Authenticates requests.
pub struct Authenticate {
    senders: Arc<dyn Senders>,
    registrations: Arc<dyn Registrations>,
    clock: Arc<dyn Clock>,
    limits: Arc<RateLimits>,
}

impl Authenticate {
    /// Authenticates against this store, under these limits.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>, limits: Arc<RateLimits>) -> Self {
        let (senders, registrations) = (Arc::clone(&store.senders), Arc::clone(&store.registrations));
        Self { senders, registrations, clock, limits }
    }

    /// The sender whose credential `token` is, if it has `scope`.
    pub async fn sender(
        &self,
        token: Option<&str>,
        scope: Scope,
    ) -> Result<AuthenticatedSender, AuthenticateError> {
        let token = parse(TokenKindPrefix::Sender, token)?;
        let presented = token.secret_hash();
        let credential = self.senders.credential(token.id()).await?.ok_or(AuthenticateError::Invalid)?;
        let now = self.clock.now();
        let expired = credential.expires_at.is_some_and(|at| at <= now);
        if credential.secret_hash != presented || expired {
            return Err(AuthenticateError::Invalid);
        }
        if credential.sender_state == SenderState::Suspended {
            return Err(AuthenticateError::SenderSuspended);
        }
        if !credential.scopes.contains(scope) {
            return Err(AuthenticateError::ScopeMissing(scope));
        }
        self.limits.request_of(credential.sender)?;
        if credential.last_used_day != Some(now.day()) {
            // Worth knowing, and not worth refusing a sender for when the disk is full.
            if let Err(error) = self.senders.credential_used(credential.id, now.day()).await {
                tracing::error!(%error, "the day on which a credential was used could not be written");
            }
        }
        Ok(AuthenticatedSender { id: credential.sender, content_policy: credential.content_policy })
    }

    /// The registration that `token` holds, which must be `id`.
    pub async fn registration(
        &self,
        token: Option<&str>,
        id: RegistrationId,
    ) -> Result<Registration, AuthenticateError> {
        let registration = self.any_registration(token).await?;
        if registration.id == id { Ok(registration) } else { Err(AuthenticateError::Invalid) }
    }

    /// The registration that `token` holds.
    pub async fn any_registration(&self, token: Option<&str>) -> Result<Registration, AuthenticateError> {
        let token = parse(TokenKindPrefix::Registration, token)?;
        let presented = token.secret_hash();
        let registration =
            self.registrations.registration(token.id()).await?.ok_or(AuthenticateError::Invalid)?;
        if registration.secret_hash == presented { Ok(registration) } else { Err(AuthenticateError::Invalid) }
    }
}

fn parse(kind: TokenKindPrefix, token: Option<&str>) -> Result<BearerToken, AuthenticateError> {
    token.and_then(|token| BearerToken::parse(kind, token).ok()).ok_or(AuthenticateError::Malformed)
}
