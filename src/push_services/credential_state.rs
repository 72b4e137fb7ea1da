//! Whether a credential works, as far as the push service has told.

use crate::base::UnixMillis;
use crate::model::{AppId, Environment, PushService, Reason};

/// One credential of one app, for `/readyz`, the metrics and `check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialState {
    /// The app.
    pub app: AppId,
    /// The push service that it is for.
    pub push_service: PushService,
    /// APNs only: the environment that it is used in.
    pub environment: Option<Environment>,
    /// Whether it works.
    pub standing: CredentialStanding,
}

/// Whether a credential works, and the way to the push service with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialStanding {
    /// Nobody has asked the push service yet.
    Unused,
    /// The last answer that tells says yes.
    Usable,
    /// The push service refuses it, or the app behind it. The app's deliveries wait.
    Held {
        /// The push service's name for it, or ours.
        reason: Reason,
        /// Since when.
        since: UnixMillis,
    },
    /// The push service fails, or cannot be reached. The app's deliveries wait.
    Failing {
        /// What happened last before they were made to wait.
        reason: Reason,
        /// Since when they wait.
        since: UnixMillis,
    },
    /// The push service asked for rest. The app's deliveries wait.
    Resting {
        /// The push service's name for it.
        reason: Reason,
        /// Since when they wait.
        since: UnixMillis,
    },
}

impl CredentialStanding {
    /// The names of all standings.
    pub const NAMES: [&'static str; 5] = ["unused", "usable", "held", "failing", "resting"];

    /// The name at `/readyz` and in the metrics.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Usable => "usable",
            Self::Held { .. } => "held",
            Self::Failing { .. } => "failing",
            Self::Resting { .. } => "resting",
        }
    }

    /// Why deliveries wait, where they do.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Unused | Self::Usable => None,
            Self::Held { reason, .. } | Self::Failing { reason, .. } | Self::Resting { reason, .. } => {
                Some(reason)
            }
        }
    }

    /// Since when deliveries wait, where they do.
    #[must_use]
    pub fn since(&self) -> Option<UnixMillis> {
        match self {
            Self::Unused | Self::Usable => None,
            Self::Held { since, .. } | Self::Failing { since, .. } | Self::Resting { since, .. } => {
                Some(*since)
            }
        }
    }

    /// Of two ways that a delivery has to pass, what holds for both.
    pub(super) fn and(self, other: Self) -> Self {
        // A held credential is the first thing to mend.
        let weight = |standing: &Self| match standing {
            Self::Usable => 0,
            Self::Unused => 1,
            Self::Resting { .. } => 2,
            Self::Failing { .. } => 3,
            Self::Held { .. } => 4,
        };
        if weight(&other) > weight(&self) { other } else { self }
    }
}
