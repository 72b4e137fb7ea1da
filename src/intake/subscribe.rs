//! Subscriptions: an app gives one sender the right to reach it.

use std::sync::Arc;

use crate::base::{Clock, UnixMillis, to_the_end};
use crate::model::{Erased, Registration, RelayKey, SenderId, Subscription, SubscriptionId};
use crate::storage::{NewSubscription, Registrations, Removed, SetKey, Storage, StorageError, Subscribed};

/// Why a subscription is refused.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The relay has no such sender, or it is suspended.
    #[error("unknown sender")]
    UnknownSender,
    /// The id belongs to another subscription.
    #[error("the subscription id is taken")]
    IdTaken,
    /// There is none, or it belongs to somebody else: who asks cannot tell.
    #[error("no such subscription")]
    Missing,
    /// The registration was removed meanwhile.
    #[error("no such registration")]
    RegistrationMissing,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Who asks about a subscription.
pub enum SubscriptionOwner {
    /// The sender whose right it is.
    Sender(SenderId),
    /// The app that holds the registration.
    App(Registration),
}

/// Makes, reads, rotates and removes subscriptions.
pub struct Subscribe {
    registrations: Arc<dyn Registrations>,
    clock: Arc<dyn Clock>,
}

impl Subscribe {
    /// Subscribes in this store.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>) -> Self {
        Self { registrations: Arc::clone(&store.registrations), clock }
    }

    /// Makes a subscription of `sender` to `registration`. True where it is new, false for a repeated request.
    pub async fn subscribe(
        &self,
        registration: &Registration,
        sender: SenderId,
        id: SubscriptionId,
        relay_key: Option<RelayKey>,
    ) -> Result<bool, SubscribeError> {
        let created_day = self.clock.now().day();
        let new = NewSubscription { id, registration: registration.id, sender, created_day, relay_key };
        match self.registrations.subscribe(&new).await? {
            Subscribed::Created => Ok(true),
            Subscribed::Same => Ok(false),
            Subscribed::IdTaken => Err(SubscribeError::IdTaken),
            Subscribed::NoSender => Err(SubscribeError::UnknownSender),
            Subscribed::NoRegistration => Err(SubscribeError::RegistrationMissing),
        }
    }

    /// One of the owner's subscriptions.
    pub async fn find(
        &self,
        owner: &SubscriptionOwner,
        id: SubscriptionId,
    ) -> Result<Subscription, SubscribeError> {
        let subscription = self.registrations.subscription(id).await?.ok_or(SubscribeError::Missing)?;
        let owns = match owner {
            SubscriptionOwner::Sender(sender) => subscription.sender == *sender,
            SubscriptionOwner::App(registration) => subscription.registration == registration.id,
        };
        if owns { Ok(subscription) } else { Err(SubscribeError::Missing) }
    }

    /// The registration that a subscription reaches, where it was not removed meanwhile.
    pub async fn registration_of(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<Registration>, SubscribeError> {
        Ok(self.registrations.registration(subscription.registration).await?)
    }

    /// Sets the key under which the relay may seal, or takes it away.
    pub async fn set_relay_key(
        &self,
        registration: Registration,
        id: SubscriptionId,
        relay_key: Option<&RelayKey>,
    ) -> Result<(), SubscribeError> {
        self.find(&SubscriptionOwner::App(registration), id).await?;
        match self.registrations.set_relay_key(id, relay_key).await? {
            SetKey::Done => Ok(()),
            SetKey::Missing => Err(SubscribeError::Missing),
        }
    }

    /// Removes one of the owner's subscriptions: when, and what that took away.
    pub async fn remove(
        &self,
        owner: &SubscriptionOwner,
        id: SubscriptionId,
    ) -> Result<(UnixMillis, Erased), SubscribeError> {
        self.find(owner, id).await?;
        let (registrations, now) = (Arc::clone(&self.registrations), self.clock.now());
        match to_the_end(async move { registrations.unsubscribe(id, now).await }).await? {
            Removed::Done(erased) => Ok((now, erased)),
            Removed::Missing => Err(SubscribeError::Missing),
        }
    }
}
