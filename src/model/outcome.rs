//! How a delivery ended, and in which form its content went out.

use std::fmt;

use utoipa::ToSchema;

use super::Reason;
use crate::base::UnixMillis;

/// Its subscription, registration or sender was removed, retired or suspended.
const SUBSCRIPTION_ENDED: Reason = Reason::ours("subscription_ended");

/// The one end of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The push service took it. More than that a relay cannot learn.
    Accepted,
    /// The device token is dead, or the subscription or its sender ended while it waited.
    Gone(Reason),
    /// Its time to live ran out before a push service took it.
    Expired,
    /// It can never be accepted as it is.
    Rejected(Reason),
    /// A newer notification with the same collapse key took its place while it waited.
    Replaced,
    /// Its sender withdrew it while it waited.
    Withdrawn,
}

impl Outcome {
    /// The name of every outcome.
    pub const NAMES: [&str; 6] = ["accepted", "gone", "expired", "rejected", "replaced", "withdrawn"];

    /// How a delivery ends whose subscription, registration or sender ends while it waits.
    #[must_use]
    pub const fn subscription_ended() -> Self {
        Self::Gone(SUBSCRIPTION_ENDED)
    }

    /// When its sender is told that it came about, which was at `at`. A registration's end is one moment for all its
    /// senders, and two who compared it could tell that they reach the same device: they are told the day's first.
    #[must_use]
    pub fn told_at(&self, at: UnixMillis) -> UnixMillis {
        if self.reason() == Some(&SUBSCRIPTION_ENDED) { at.day().begins() } else { at }
    }

    /// The name in the API.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Gone(_) => "gone",
            Self::Expired => "expired",
            Self::Rejected(_) => "rejected",
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Why, where there is more to say than the name does.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Gone(reason) | Self::Rejected(reason) => Some(reason),
            Self::Accepted | Self::Expired | Self::Replaced | Self::Withdrawn => None,
        }
    }
}

/// In which form the content of a delivery went out, so that a sender can prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Form {
    /// An envelope that the sender sealed; the relay saw opaque bytes.
    SealedBySender,
    /// An envelope that the relay sealed in memory.
    SealedByRelay,
    /// No content: the placeholder, and the sender's reference if there is one.
    Omitted,
    /// Readable content, where operator, app and sender all allow it.
    Clear,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::SealedBySender, Self::SealedByRelay, Self::Omitted, Self::Clear];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SealedBySender => "sealed_by_sender",
            Self::SealedByRelay => "sealed_by_relay",
            Self::Omitted => "omitted",
            Self::Clear => "clear",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
