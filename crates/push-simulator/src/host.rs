//! The hosts that a simulator plays.
//!
//! Owns their names; each has a listener of its own. Read next: `exchange`.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;

/// Which of the simulated hosts a request reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// `api.push.apple.com`.
    ApnsProduction,
    /// `api.sandbox.push.apple.com`.
    ApnsSandbox,
    /// `fcm.googleapis.com`.
    Fcm,
    /// `oauth2.googleapis.com`.
    Token,
}

impl Host {
    /// The APNs host of an environment.
    #[must_use]
    pub fn apns(environment: Environment) -> Self {
        match environment {
            Environment::Production => Self::ApnsProduction,
            Environment::Sandbox => Self::ApnsSandbox,
        }
    }

    /// The environment of an APNs host; `None` for Google's.
    #[must_use]
    pub fn environment(self) -> Option<Environment> {
        match self {
            Self::ApnsProduction => Some(Environment::Production),
            Self::ApnsSandbox => Some(Environment::Sandbox),
            Self::Fcm | Self::Token => None,
        }
    }
}
