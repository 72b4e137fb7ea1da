//! A sealed registration: the app hands it to its own server, which hands it on and never learns the device
//! token.
//!
//! What is inside is judged like a direct registration, but the sender is told nothing of it: whatever is wrong
//! there is `opening failed`. Read next: `register.rs`, the direct way.

use std::sync::Arc;
use std::time::Duration;

use sealpush_seal::registration::{
    ApnsEnvironment, DeviceToken as SealedToken, RegistrationError, RegistrationPlaintext,
    SealedRegistration, TokenKind as SealedKind,
};
use sha2::{Digest as _, Sha256};

use super::prove::{Prove, ProveError};
use super::{RateLimited, RateLimits};
use crate::base::{Clock, Live, UnixMillis};
use crate::model::{
    Apps, DeviceToken, Environment, PushService, Registration, RegistrationId, SecretHash, SenderId,
    SubscriptionId, TokenKind,
};
use crate::privacy::RegistrationKeys;
use crate::storage::{Digest, NewSubscription, Registrations, SealedRegistered, Storage, StorageError};

/// How long the answer to the same bytes is stored, from when the app made them.
const ANSWER_KEPT: Duration = Duration::from_hours(24);

/// Why a sealed registration is refused. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum RegisterSealedError {
    /// It does not open, is too old or early, or what is inside cannot be registered here.
    #[error(transparent)]
    Sealed(#[from] RegistrationError),
    /// The subscription's id belongs to another subscription.
    #[error("the subscription id is taken")]
    SubscriptionTaken,
    /// The sender was erased or suspended meanwhile.
    #[error("the sender is no more")]
    SenderEnded,
    /// The sender hands on too many, or the app's devices register too often.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a sealed registration came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedAs {
    /// The subscription that the device drew.
    pub subscription: SubscriptionId,
    /// Whether it waits for the device to echo a code.
    pub pending: bool,
    /// False where the same bytes came before.
    pub created: bool,
}

/// Takes sealed registrations.
pub struct RegisterSealed {
    registrations: Arc<dyn Registrations>,
    apps: Live<Apps>,
    keys: Arc<RegistrationKeys>,
    prove: Arc<Prove>,
    clock: Arc<dyn Clock>,
    limits: Arc<RateLimits>,
}

impl RegisterSealed {
    /// Registers in this store what opens with these keys.
    #[must_use]
    pub fn new(
        store: &Storage,
        apps: Live<Apps>,
        keys: Arc<RegistrationKeys>,
        prove: Arc<Prove>,
        clock: Arc<dyn Clock>,
        limits: Arc<RateLimits>,
    ) -> Self {
        Self { registrations: Arc::clone(&store.registrations), apps, keys, prove, clock, limits }
    }

    /// Registers what `sender` hands on, and subscribes it.
    pub async fn register(
        &self,
        sender: SenderId,
        sealed: &SealedRegistration,
    ) -> Result<SealedAs, RegisterSealedError> {
        let now = self.clock.now();
        let sha256: [u8; 32] = Sha256::digest(sealed.as_bytes()).into();
        // Before it is opened: the key may have gone since.
        if let Some(subscription) = self.registrations.answered(sender, &sha256, now).await? {
            return self.answer_again(subscription).await;
        }
        let plaintext = self.keys.open(sender, sealed, now)?;
        let created_at = UnixMillis(i64::try_from(plaintext.created_at.unix_ms()).unwrap_or(i64::MAX));
        let digest = Digest { sender, sha256, keep_until: created_at.plus(ANSWER_KEPT) };
        let (registration, subscription) =
            self.read(&plaintext, sender, now).ok_or(RegistrationError::OpeningFailed)?;
        self.limits.registration_by(sender)?;
        self.limits.registration_of(&registration.app)?;
        match self.registrations.register_sealed(&registration, &subscription, &digest).await? {
            SealedRegistered::Created => {}
            SealedRegistered::Known(subscription) => return self.answer_again(subscription).await,
            // The registration's id is the device's secret: nothing of it is told.
            SealedRegistered::RegistrationTaken => return Err(RegistrationError::OpeningFailed.into()),
            SealedRegistered::SubscriptionTaken => return Err(RegisterSealedError::SubscriptionTaken),
            SealedRegistered::NoSender => return Err(RegisterSealedError::SenderEnded),
        }
        let pending = self.is_pending(&registration).await;
        Ok(SealedAs { subscription: subscription.id, pending, created: true })
    }

    /// Whether the device has to echo a code, which is sent where the token may get one now.
    async fn is_pending(&self, registration: &Registration) -> bool {
        match self.prove.send_code(registration).await {
            Ok(standing) => standing != super::Standing::Active,
            // It is registered: a code can still be asked for.
            Err(ProveError::Storage(error)) => {
                tracing::warn!(%error, "no code could be sent for a sealed registration");
                true
            }
            Err(ProveError::Missing | ProveError::NoCode | ProveError::WrongCode(_)) => true,
        }
    }

    /// The stored answer, with what became of the proof since. The device hears nothing of the relay but the code: where
    /// the first was lost with the process or the store, this is when it gets another.
    async fn answer_again(&self, subscription: SubscriptionId) -> Result<SealedAs, RegisterSealedError> {
        let registration = match self.registrations.subscription(subscription).await? {
            Some(found) => self.registrations.registration(found.registration).await?,
            None => None,
        };
        let pending = match &registration {
            Some(registration) if self.prove.is_pending(registration) => self.is_pending(registration).await,
            Some(_) | None => false,
        };
        Ok(SealedAs { subscription, pending, created: false })
    }

    /// What is registered; nothing where this relay cannot register it.
    fn read(
        &self,
        plaintext: &RegistrationPlaintext,
        sender: SenderId,
        now: UnixMillis,
    ) -> Option<(Registration, NewSubscription)> {
        let (device_token, environment, token_kind) = read_token(&plaintext.device_token)?;
        let apps = self.apps.get();
        let app = apps.get(&plaintext.app.parse().ok()?)?;
        if !app.push_services.contains(&device_token.push_service()) {
            return None;
        }
        let registration = Registration {
            id: RegistrationId::from_bytes(*plaintext.registration.as_bytes()),
            app: app.id.clone(),
            push_service: device_token.push_service(),
            environment,
            token_kind,
            device_token,
            secret_hash: SecretHash(plaintext.secret_hash),
            registered_at: now,
            echoed: false,
            accepted_day: None,
        };
        let subscription = NewSubscription {
            id: SubscriptionId::from_bytes(*plaintext.subscription.as_bytes()),
            registration: registration.id,
            sender,
            created_day: now.day(),
            relay_key: plaintext.subscription_key,
        };
        Some((registration, subscription))
    }
}

/// The device token with what goes with it; nothing for a push service that this relay does not speak to.
fn read_token(token: &SealedToken) -> Option<(DeviceToken, Option<Environment>, TokenKind)> {
    match token {
        SealedToken::Apns { token, environment, kind } => {
            let environment = match environment {
                ApnsEnvironment::Production => Environment::Production,
                ApnsEnvironment::Sandbox => Environment::Sandbox,
            };
            let kind = match kind {
                SealedKind::Standard => TokenKind::Standard,
                SealedKind::Voip => TokenKind::Voip,
            };
            Some((DeviceToken::parse(PushService::Apns, token).ok()?, Some(environment), kind))
        }
        SealedToken::Fcm { token } => {
            Some((DeviceToken::parse(PushService::Fcm, token).ok()?, None, TokenKind::Standard))
        }
        SealedToken::WebPush { .. } => None,
    }
}
