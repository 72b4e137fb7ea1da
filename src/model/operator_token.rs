//! Operators' tokens: how the operator, away from the relay's machine, proves who it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{OperatorTokenId, SecretHash};
use crate::base::{Day, UnixMillis};

/// What an operator's token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// Reads: metrics, readiness, and the lists of the admin API.
    Viewer,
    /// Does everything that the operator may.
    Owner,
}

impl OperatorRole {
    /// The name in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for OperatorRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OperatorRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Viewer, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "a role is viewer or owner".to_owned())
    }
}

/// An operator's token, as the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorToken {
    /// Its id, the first half of the bearer token.
    pub id: OperatorTokenId,
    /// SHA-256 of the secret.
    pub secret_hash: SecretHash,
    /// What it allows.
    pub role: OperatorRole,
    /// From when it no longer counts.
    pub expires_at: Option<UnixMillis>,
    /// The day on which it was last used.
    pub last_used_day: Option<Day>,
}
