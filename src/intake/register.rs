//! Direct registration: an app tells the relay its device token.

use std::sync::Arc;
use std::time::Duration;

use super::prove::{Prove, ProveError, Standing};
use super::{RateLimited, RateLimits};
use crate::base::{Clock, Entropy, Live, UnixMillis, to_the_end};
use crate::model::{
    AppId, Apps, BearerToken, ClientNetwork, DeviceToken, Environment, Erased, PushService, Registration,
    RegistrationId, SecretHash, TokenKind, TokenKindPrefix,
};
use crate::storage::{Registered, Registrations, Removed, Replaced, Storage, StorageError};

/// How old `created_at` may be, and how far ahead.
const CREATED_WINDOW: (Duration, Duration) = (Duration::from_hours(24), Duration::from_mins(5));

/// Why a registration is refused.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The relay has no such app.
    #[error("unknown app")]
    UnknownApp,
    /// The app has no credentials for this push service.
    #[error("the app does not use this push service")]
    PushServiceNotConfigured,
    /// An APNs registration without environment, or another one with.
    #[error("environment goes with APNs, and only with it")]
    Environment,
    /// A token kind that the push service does not have.
    #[error("token kind does not fit the push service")]
    TokenKind,
    /// The time of making is too old or in the future. Carries the relay's time.
    #[error("created_at is out of its window")]
    CreatedAt(UnixMillis),
    /// The id belongs to another registration.
    #[error("the registration id is taken")]
    IdTaken,
    /// It was removed meanwhile.
    #[error("no such registration")]
    Missing,
    /// This app's devices, or those of this network, register too often.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Who will hold the registration.
pub enum RegistrationCredential {
    /// The app drew id and secret, and keeps the secret.
    Held {
        /// The registration's id.
        id: RegistrationId,
        /// SHA-256 of the secret.
        secret_hash: SecretHash,
    },
    /// The relay shall draw both and say them once.
    Drawn,
}

/// What an app asks to be registered.
pub struct NewRegistration {
    /// The app.
    pub app: AppId,
    /// Its device token.
    pub device_token: DeviceToken,
    /// APNs only, and required there.
    pub environment: Option<Environment>,
    /// What the token is for.
    pub token_kind: TokenKind,
    /// Who will hold the registration.
    pub credential: RegistrationCredential,
    /// When the app made the request, where it says so.
    pub created_at: Option<UnixMillis>,
}

/// What a registration came to.
pub struct RegisteredAs {
    /// Its id.
    pub id: RegistrationId,
    /// The bearer token, where the relay drew it; shown once.
    pub credential: Option<String>,
    /// False for a repeated request.
    pub created: bool,
    /// Whether its device must echo a code first.
    pub standing: Standing,
}

/// Registers device tokens.
pub struct Register {
    registrations: Arc<dyn Registrations>,
    apps: Live<Apps>,
    prove: Arc<Prove>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    limits: Arc<RateLimits>,
}

impl Register {
    /// Registers in this store, for these apps.
    #[must_use]
    pub fn new(
        store: &Storage,
        apps: Live<Apps>,
        prove: Arc<Prove>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        limits: Arc<RateLimits>,
    ) -> Self {
        Self { registrations: Arc::clone(&store.registrations), apps, prove, clock, entropy, limits }
    }

    /// Registers a device token.
    pub async fn register(&self, new: NewRegistration) -> Result<RegisteredAs, RegisterError> {
        let now = self.clock.now();
        self.check_app(&new.app, new.device_token.push_service())?;
        check_token(new.device_token.push_service(), new.environment, new.token_kind)?;
        if let Some(at) = new.created_at
            && (now.since(at) > CREATED_WINDOW.0 || at.since(now) > CREATED_WINDOW.1)
        {
            return Err(RegisterError::CreatedAt(now));
        }
        self.limits.registration_of(&new.app)?;
        let (id, secret_hash, credential) = match new.credential {
            RegistrationCredential::Held { id, secret_hash } => (id, secret_hash, None),
            RegistrationCredential::Drawn => {
                let id = RegistrationId::random(&*self.entropy);
                let token = BearerToken::draw(id, &*self.entropy);
                (id, token.secret_hash(), Some(token.reveal(TokenKindPrefix::Registration)))
            }
        };
        let registration = Registration {
            id,
            app: new.app,
            push_service: new.device_token.push_service(),
            environment: new.environment,
            token_kind: new.token_kind,
            device_token: new.device_token,
            secret_hash,
            registered_at: now,
            echoed: false,
            accepted_day: None,
        };
        let created = match self.registrations.register(&registration).await? {
            Registered::Created => true,
            Registered::Same => false,
            Registered::IdTaken => return Err(RegisterError::IdTaken),
        };
        let standing = self.prove.send_code(&registration).await?;
        Ok(RegisteredAs { id, credential, created, standing })
    }

    /// Replaces the device token of a registration whose holder, at `client`, proved itself. A new token is pending
    /// until its device echoed a code of its own, and counts as one more; the old one is not used any more.
    pub async fn replace(
        &self,
        client: Option<&ClientNetwork>,
        registration: &Registration,
        device_token: &DeviceToken,
        environment: Option<Environment>,
        token_kind: TokenKind,
    ) -> Result<(), RegisterError> {
        check_token(device_token.push_service(), environment, token_kind)?;
        if *device_token != registration.device_token {
            self.limits.registration(client)?;
            self.limits.registration_of(&registration.app)?;
        }
        let at = self.clock.now();
        let replaced =
            self.registrations.replace_token(registration.id, device_token, environment, token_kind, at);
        match replaced.await? {
            Replaced::Done => {}
            Replaced::Missing => return Err(RegisterError::Missing),
        }
        let device_token = device_token.clone();
        let replaced = Registration {
            device_token,
            environment,
            token_kind,
            registered_at: at,
            echoed: false,
            accepted_day: None,
            ..registration.clone()
        };
        self.prove.send_code(&replaced).await?;
        Ok(())
    }

    /// Removes a registration whose holder proved itself, with its subscriptions: when, and what that took away.
    pub async fn remove(&self, registration: &Registration) -> Result<(UnixMillis, Erased), RegisterError> {
        let (registrations, id, now) = (Arc::clone(&self.registrations), registration.id, self.clock.now());
        match to_the_end(async move { registrations.unregister(id, now).await }).await? {
            Removed::Done(erased) => Ok((now, erased)),
            Removed::Missing => Err(RegisterError::Missing),
        }
    }

    fn check_app(&self, app: &AppId, push_service: PushService) -> Result<(), RegisterError> {
        let apps = self.apps.get();
        let app = apps.get(app).ok_or(RegisterError::UnknownApp)?;
        if app.push_services.contains(&push_service) {
            Ok(())
        } else {
            Err(RegisterError::PushServiceNotConfigured)
        }
    }
}

impl From<ProveError> for RegisterError {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Storage(error) => Self::Storage(error),
            // No echo was judged: the registration went while its code was asked for.
            ProveError::Missing | ProveError::NoCode | ProveError::WrongCode(_) => Self::Missing,
        }
    }
}

fn check_token(
    push_service: PushService,
    environment: Option<Environment>,
    token_kind: TokenKind,
) -> Result<(), RegisterError> {
    if environment.is_some() != (push_service == PushService::Apns) {
        return Err(RegisterError::Environment);
    }
    if token_kind == TokenKind::Voip && push_service != PushService::Apns {
        return Err(RegisterError::TokenKind);
    }
    Ok(())
}
