//! Who asks: bearer tokens become senders, or the hold on one registration.
//!
//! Must not tell a wrong secret from an unknown id: both are the same refusal, after the same work.

use std::sync::Arc;

use super::{RateLimited, RateLimits};
use crate::base::Clock;
use crate::model::{
    BearerToken, ContentPolicy, Credential, CredentialId, Registration, RegistrationId, Scope, SenderId,
    SenderState, TokenKindPrefix,
};
use crate::storage::{Credentials, Registrations, Storage, StorageError};

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
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A sender that proved who it is.
#[derive(Debug, Clone, Copy)]
pub struct AuthenticatedSender {
    /// Its id.
    pub id: SenderId,
    /// By which of its credentials.
    pub credential: CredentialId,
    /// Its own content policy.
    pub content_policy: ContentPolicy,
}

/// Who asks, as far as limits want to know; found once for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// A sender, which may be suspended, by this credential, which counts.
    Sender(Credential),
    /// Somebody with what looks like a sender's credential and is not valid.
    Impostor,
    /// Anybody else.
    Other,
}

/// Authenticates requests.
pub struct Authenticate {
    credentials: Arc<dyn Credentials>,
    registrations: Arc<dyn Registrations>,
    clock: Arc<dyn Clock>,
    limits: Arc<RateLimits>,
}

impl Authenticate {
    /// Authenticates against this store, under these limits.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>, limits: Arc<RateLimits>) -> Self {
        let (credentials, registrations) = (Arc::clone(&store.credentials), Arc::clone(&store.registrations));
        Self { credentials, registrations, clock, limits }
    }

    /// Who asks with `token`, whatever is asked for. What a sender asks counts for the sender, and for nobody else.
    pub async fn asker(&self, token: Option<&str>) -> Result<Asker, RateLimited> {
        if !token.is_some_and(|token| token.starts_with(TokenKindPrefix::Sender.as_str())) {
            return Ok(Asker::Other);
        }
        match self.credential(token).await {
            Ok(credential) => {
                self.limits.request_of(credential.sender)?;
                Ok(Asker::Sender(credential))
            }
            Err(AuthenticateError::Malformed | AuthenticateError::Invalid) => Ok(Asker::Impostor),
            // Who needs the store says so.
            Err(_) => Ok(Asker::Other),
        }
    }

    /// The sender whose credential `token` is, if it has `scope`; `asker` came of the same token.
    pub async fn sender(
        &self,
        asker: &Asker,
        token: Option<&str>,
        scope: Scope,
    ) -> Result<AuthenticatedSender, AuthenticateError> {
        let credential = self.credential_of(asker, token).await?;
        if credential.sender_state == SenderState::Suspended {
            return Err(AuthenticateError::SenderSuspended);
        }
        if !credential.scopes.contains(scope) {
            return Err(AuthenticateError::ScopeMissing(scope));
        }
        Ok(self.used(&credential).await)
    }

    /// The same where `scope` is one, and also while the sender is suspended: it may know what it is, and may go.
    pub async fn even_suspended(
        &self,
        asker: &Asker,
        token: Option<&str>,
        scope: Option<Scope>,
    ) -> Result<AuthenticatedSender, AuthenticateError> {
        let credential = self.credential_of(asker, token).await?;
        if let Some(missing) = scope.filter(|scope| !credential.scopes.contains(*scope)) {
            return Err(AuthenticateError::ScopeMissing(missing));
        }
        Ok(self.used(&credential).await)
    }

    /// The credential that was found with the asker; where none was, why.
    async fn credential_of(
        &self,
        asker: &Asker,
        token: Option<&str>,
    ) -> Result<Credential, AuthenticateError> {
        match asker {
            Asker::Sender(credential) => Ok(credential.clone()),
            Asker::Impostor | Asker::Other => self.credential(token).await,
        }
    }

    /// The credential that `token` is, where it counts.
    async fn credential(&self, token: Option<&str>) -> Result<Credential, AuthenticateError> {
        let token = parse(TokenKindPrefix::Sender, token)?;
        let presented = token.secret_hash();
        let credential = self.credentials.find(token.id()).await?.ok_or(AuthenticateError::Invalid)?;
        let expired = credential.expires_at.is_some_and(|at| at <= self.clock.now());
        if credential.secret_hash != presented || expired {
            return Err(AuthenticateError::Invalid);
        }
        Ok(credential)
    }

    /// Notes the day on which a credential was used that was found to count, and says whose it is.
    async fn used(&self, credential: &Credential) -> AuthenticatedSender {
        let today = self.clock.now().day();
        // A clock that was set back has nothing new to say.
        if credential.last_used_day.is_none_or(|day| day < today) {
            // Worth knowing, and not worth refusing a sender for when the disk is full.
            if let Err(error) = self.credentials.used(credential.id, today).await {
                tracing::error!(%error, "the day on which a credential was used could not be written");
            }
        }
        AuthenticatedSender {
            id: credential.sender,
            credential: credential.id,
            content_policy: credential.content_policy,
        }
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
