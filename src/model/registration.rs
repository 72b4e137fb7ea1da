//! Registrations: our record of a device token under an app.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AppId, Confirm, DeviceToken, PushWay, RegistrationId, RelayKey, SecretHash, SenderId, SubscriptionId,
};
use crate::base::{Day, Entropy, UnixMillis};

/// What finally reaches the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushService {
    /// Apple Push Notification service.
    Apns,
    /// Firebase Cloud Messaging.
    Fcm,
}

impl PushService {
    /// Every push service.
    pub const ALL: [Self; 2] = [Self::Apns, Self::Fcm];

    /// The name in the API, the config and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apns => "apns",
            Self::Fcm => "fcm",
        }
    }
}

/// Which of APNs' two worlds a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Builds from the App Store, TestFlight, ad hoc and enterprise distribution.
    Production,
    /// Development builds.
    Sandbox,
}

impl Environment {
    /// Both environments.
    pub const ALL: [Self; 2] = [Self::Production, Self::Sandbox];

    /// The name in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Production => Self::Sandbox,
            Self::Sandbox => Self::Production,
        }
    }
}

/// What a device token is for: a PushKit token takes calls and nothing else.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Alerts and background notifications.
    #[default]
    Standard,
    /// PushKit, APNs only.
    Voip,
}

impl TokenKind {
    /// The name in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Voip => "voip",
        }
    }
}

/// The text is none of the names that this type has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

impl FromStr for PushService {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|value| value.as_str() == text).ok_or(UnknownName)
    }
}

impl FromStr for Environment {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|value| value.as_str() == text).ok_or(UnknownName)
    }
}

impl FromStr for TokenKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        [Self::Standard, Self::Voip].into_iter().find(|value| value.as_str() == text).ok_or(UnknownName)
    }
}

impl fmt::Display for PushService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Our record of a device token under an app. A retired registration is erased, so what exists is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// The app that it belongs to.
    pub app: AppId,
    /// Who reaches the device.
    pub push_service: PushService,
    /// APNs only: the environment that the token belongs to.
    pub environment: Option<Environment>,
    /// What the token is for.
    pub token_kind: TokenKind,
    /// The push service's address of the device.
    pub device_token: DeviceToken,
    /// SHA-256 of the secret that the app keeps.
    pub secret_hash: SecretHash,
    /// When the app last registered, replaced or confirmed the token.
    pub registered_at: UnixMillis,
    /// The device echoed a code that came through its push service to this very token.
    pub echoed: bool,
    /// The day on which the push service last accepted a notification for it.
    pub accepted_day: Option<Day>,
}

impl Registration {
    /// The way to its push service.
    #[must_use]
    pub fn way(&self) -> PushWay {
        PushWay { app: self.app.clone(), push_service: self.push_service, environment: self.environment }
    }

    /// Whether it waits for its device to echo a code; its targets are refused until then.
    #[must_use]
    pub fn is_pending(&self, confirm: Confirm) -> bool {
        confirm == Confirm::Required && !self.echoed
    }
}

/// How one subscription is reached: what intake and delivery need of its registration, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The sender whose right it is.
    pub sender: SenderId,
    /// The registration that it reaches.
    pub registration: RegistrationId,
    /// The app of that registration.
    pub app: AppId,
    /// Who reaches the device.
    pub push_service: PushService,
    /// APNs only.
    pub environment: Option<Environment>,
    /// What the token is for.
    pub token_kind: TokenKind,
    /// The push service's address of the device.
    pub device_token: DeviceToken,
    /// When the app last registered, replaced or confirmed the token.
    pub registered_at: UnixMillis,
    /// The device echoed a code that came through its push service to this very token.
    pub echoed: bool,
    /// The day on which the push service last accepted a notification for it.
    pub accepted_day: Option<Day>,
    /// Whether this subscription was used before.
    pub used: bool,
    /// The subscription's public key, where the app asked that the relay may seal.
    pub relay_key: Option<RelayKey>,
}

impl Reach {
    /// The way to its push service.
    #[must_use]
    pub fn way(&self) -> PushWay {
        PushWay { app: self.app.clone(), push_service: self.push_service, environment: self.environment }
    }

    /// The way to a registration itself, for a message of the relay's own. Subscription and sender are random
    /// and name nothing.
    #[must_use]
    pub fn to_registration(registration: &Registration, entropy: &dyn Entropy) -> Self {
        Self {
            subscription: SubscriptionId::random(entropy),
            sender: SenderId::random(entropy),
            registration: registration.id,
            app: registration.app.clone(),
            push_service: registration.push_service,
            environment: registration.environment,
            token_kind: registration.token_kind,
            device_token: registration.device_token.clone(),
            registered_at: registration.registered_at,
            echoed: registration.echoed,
            accepted_day: registration.accepted_day,
            used: false,
            relay_key: None,
        }
    }

    /// Whether it waits for its device to echo a code; its targets are refused until then.
    #[must_use]
    pub fn is_pending(&self, confirm: Confirm) -> bool {
        confirm == Confirm::Required && !self.echoed
    }

    /// Whether the token was ever seen to work: by an echo, or by a push service that accepted a notification.
    #[must_use]
    pub fn confirmed(&self) -> bool {
        self.echoed || self.accepted_day.is_some()
    }
}
