//! The narrow trait of registrations and subscriptions.

use async_trait::async_trait;

use super::StorageError;
use crate::base::{Day, UnixMillis};
use crate::model::{
    DeviceToken, Environment, Erased, Reach, Registration, RegistrationId, RelayKey, SenderId, Subscription,
    SubscriptionId, TokenKind,
};

/// What came of registering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// A new row.
    Created,
    /// The very same registration stood there already (same secret, app and token): a repeated request. The
    /// time, the environment and the token's kind are those of now.
    Same,
    /// The id belongs to another registration.
    IdTaken,
}

/// By which a sealed registration is known again: SHA-256 of its bytes, for the sender that handed it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// Who handed it on.
    pub sender: SenderId,
    /// SHA-256 of the sealed bytes.
    pub sha256: [u8; 32],
    /// Until when the answer is stored.
    pub keep_until: UnixMillis,
}

/// What came of a sealed registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedRegistered {
    /// Registration, subscription and digest are new rows (the registration may have been there already, the
    /// very same).
    Created,
    /// The same bytes came before: the subscription that was answered then. Nothing was written.
    Known(SubscriptionId),
    /// The registration's id belongs to another registration.
    RegistrationTaken,
    /// The subscription's id belongs to another subscription.
    SubscriptionTaken,
    /// The sender was erased or suspended meanwhile.
    NoSender,
}

/// What came of replacing a device token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// The token is the new one.
    Done,
    /// There is no such registration.
    Missing,
}

/// What came of removing something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// It is gone with these rows, and what waited for it ended `gone` (`subscription_ended`).
    Done(Erased),
    /// There was none.
    Missing,
}

/// A subscription to be stored.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// Drawn by the device.
    pub id: SubscriptionId,
    /// The registration that it reaches.
    pub registration: RegistrationId,
    /// Whose right it is.
    pub sender: SenderId,
    /// Today.
    pub created_day: Day,
    /// The public key, where the relay may seal.
    pub relay_key: Option<RelayKey>,
}

/// What came of subscribing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscribed {
    /// A new row.
    Created,
    /// The very same subscription stood there already (registration, sender and key): a repeated request.
    Same,
    /// The id belongs to another subscription.
    IdTaken,
    /// There is no such sender, or it is suspended.
    NoSender,
    /// There is no such registration.
    NoRegistration,
}

/// What came of setting a subscription's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKey {
    /// It is set, or removed.
    Done,
    /// There is no such subscription.
    Missing,
}

/// What is known of how a subscription is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This sender has no such subscription (another sender's included).
    Nothing,
    /// This sender has it, and what is stored of it cannot be read: damaged, or encrypted under another key.
    Unreadable,
    /// This is how.
    Reach(Reach),
}

/// That a push service accepted a notification.
#[derive(Debug, Clone)]
pub struct Used {
    /// The subscription that it went to.
    pub subscription: SubscriptionId,
    /// Its registration.
    pub registration: RegistrationId,
    /// Today.
    pub day: Day,
    /// APNs took the token in this environment, not in the one that the registration says.
    pub environment: Option<Environment>,
    /// When the app last registered or replaced the token that was taken: of another one it proves nothing.
    pub registered_at: UnixMillis,
}

/// Registrations and subscriptions.
#[async_trait]
pub trait Registrations: Send + Sync {
    /// Stores a registration. Each is a row of its own, even for a token that is known already.
    async fn register(&self, registration: &Registration) -> Result<Registered, StorageError>;

    /// The subscription that was answered to this sealed registration from this sender, while it is kept.
    async fn answered(
        &self,
        sender: SenderId,
        sha256: &[u8; 32],
        now: UnixMillis,
    ) -> Result<Option<SubscriptionId>, StorageError>;

    /// Stores what a sealed registration held, all of it or nothing: the registration, its subscription, and the
    /// digest by which the same bytes get the same answer.
    async fn register_sealed(
        &self,
        registration: &Registration,
        subscription: &NewSubscription,
        digest: &Digest,
    ) -> Result<SealedRegistered, StorageError>;

    /// One registration.
    async fn registration(&self, id: RegistrationId) -> Result<Option<Registration>, StorageError>;

    /// Replaces the device token of a registration; its subscriptions stay.
    async fn replace_token(
        &self,
        id: RegistrationId,
        token: &DeviceToken,
        environment: Option<Environment>,
        token_kind: TokenKind,
        at: UnixMillis,
    ) -> Result<Replaced, StorageError>;

    /// Removes a registration with its subscriptions.
    async fn unregister(&self, id: RegistrationId, at: UnixMillis) -> Result<Removed, StorageError>;

    /// Stores a subscription.
    async fn subscribe(&self, subscription: &NewSubscription) -> Result<Subscribed, StorageError>;

    /// One subscription.
    async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StorageError>;

    /// Sets the key under which the relay may seal, or removes it.
    async fn set_relay_key(
        &self,
        id: SubscriptionId,
        relay_key: Option<&RelayKey>,
    ) -> Result<SetKey, StorageError>;

    /// Removes a subscription.
    async fn unsubscribe(&self, id: SubscriptionId, at: UnixMillis) -> Result<Removed, StorageError>;

    /// How each of a sender's subscriptions is reached, in the order of `subscriptions`. Concurrent calls for
    /// few subscriptions share a query.
    async fn reach(
        &self,
        sender: SenderId,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Found>, StorageError>;

    /// Whether this way, or its registration, was removed, retired or ended within the last hour by this process, and
    /// not made anew. From memory, without a query: what waits in memory asks before each attempt.
    fn has_ended(&self, reach: &Reach) -> bool;

    /// Registrations and subscriptions that exist, for the operator's metrics.
    async fn count(&self) -> Result<(u64, u64), StorageError>;
}
