//! What a sender may ask of a delivery besides its content.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an option is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// The time to live is out of range.
    #[error("a ttl is 0 to 2419200 seconds (28 days)")]
    Ttl,
    /// The collapse key is too long or empty.
    #[error("a collapse key is 1 to 64 bytes")]
    CollapseKey,
    /// The sound's name is too long or empty.
    #[error("a sound is 1 to 64 bytes of printable text")]
    Sound,
    /// The reference is too long or empty.
    #[error("a reference is 1 to 64 bytes of printable text")]
    Reference,
}

/// How soon the device should be woken (RFC 8030, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// On power and Wi-Fi.
    VeryLow,
    /// On either power or Wi-Fi.
    Low,
    /// On neither.
    Normal,
    /// Also on low battery.
    High,
}

impl Urgency {
    /// Every urgency, from low to high.
    pub const ALL: [Self; 4] = [Self::VeryLow, Self::Low, Self::Normal, Self::High];

    /// The name in the API and in RFC 8030.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VeryLow => "very-low",
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// What the device shall do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Show something.
    #[default]
    Alert,
    /// Wake the app without showing anything.
    Background,
    /// Ring, through PushKit.
    Voip,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Alert, Self::Background, Self::Voip];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Background => "background",
            Self::Voip => "voip",
        }
    }

    /// The urgency of a notification that names none.
    #[must_use]
    pub fn default_urgency(self) -> Urgency {
        match self {
            Self::Background => Urgency::Normal,
            Self::Alert | Self::Voip => Urgency::High,
        }
    }
}

/// How long a notification is worth sending, in whole seconds; 0 is tried once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(u32);

impl Ttl {
    /// The longest: 28 days.
    pub const MAX_SECONDS: u32 = 2_419_200;

    /// `seconds`, at most 28 days.
    pub fn from_seconds(seconds: u64) -> Result<Self, OptionError> {
        match u32::try_from(seconds) {
            Ok(seconds) if seconds <= Self::MAX_SECONDS => Ok(Self(seconds)),
            _ => Err(OptionError::Ttl),
        }
    }

    /// Whole seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// As a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0))
    }
}

impl Default for Ttl {
    fn default() -> Self {
        Self(86_400)
    }
}

/// What a sender names equal in notifications that replace each other. A push service never sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct CollapseKey(String);

impl FromStr for CollapseKey {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        if (1..=64).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(OptionError::CollapseKey) }
    }
}

impl CollapseKey {
    /// The sender's text; only ever hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for CollapseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[collapse key]")
    }
}

/// What a push service sees of a collapse key: a keyed hash, under a key of its own for every subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CollapseHash(pub [u8; 24]);

impl CollapseHash {
    /// 32 base64url characters.
    #[must_use]
    pub fn to_text(self) -> String {
        sealpush_seal::base64url::encode(&self.0)
    }
}

/// The number on the app's icon; 0 clears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge(pub u32);

/// The name of a sound in the app's bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound(String);

impl FromStr for Sound {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        short_text(text).map(Self).ok_or(OptionError::Sound)
    }
}

impl Sound {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// By which the app fetches from its own server what is not in the notification. The push service sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

impl FromStr for Reference {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        short_text(text).map(Self).ok_or(OptionError::Reference)
    }
}

impl Reference {
    /// The sender's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 1 to 64 bytes without control characters.
fn short_text(text: &str) -> Option<String> {
    let fits = (1..=64).contains(&text.len()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// What holds for all targets of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOptions {
    /// What the device shall do.
    pub kind: Kind,
    /// How soon it should be woken.
    pub urgency: Urgency,
    /// How long it is worth sending.
    pub ttl: Ttl,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_ends_at_28_days() {
        assert_eq!(Ttl::from_seconds(2_419_200).map(Ttl::seconds), Ok(2_419_200));
        assert_eq!(Ttl::from_seconds(2_419_201), Err(OptionError::Ttl));
        assert_eq!(Ttl::from_seconds(u64::MAX), Err(OptionError::Ttl));
    }

    #[test]
    fn a_reference_is_at_most_64_bytes_of_text() {
        assert!("r".repeat(64).parse::<Reference>().is_ok());
        for bad in ["", "a\u{0}", &"r".repeat(65), &"ü".repeat(33)] {
            assert_eq!(bad.parse::<Reference>(), Err(OptionError::Reference));
        }
    }
}
