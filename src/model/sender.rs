//! Senders: self-hosted servers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ContentPolicy, CredentialId, SecretHash, SenderId};
use crate::base::{Day, UnixMillis};

/// A name that the sender's administrator or the operator chose. 1 to 80 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderName(String);

/// Why a text is not a sender's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sender's name is 1 to 80 bytes of text without control characters")]
pub struct SenderNameError;

impl FromStr for SenderName {
    type Err = SenderNameError;

    fn from_str(text: &str) -> Result<Self, SenderNameError> {
        let fits = (1..=80).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(SenderNameError) }
    }
}

impl SenderName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SenderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a sender may use the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SenderState {
    /// It may.
    Active,
    /// The operator stopped it; what it had waiting has ended.
    Suspended,
}

impl SenderState {
    /// The name in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// One self-hosted server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Its id; apps and the sender itself know it.
    pub id: SenderId,
    /// Its name.
    pub name: SenderName,
    /// Whether it may use the relay.
    pub state: SenderState,
    /// Its own content policy.
    pub content_policy: ContentPolicy,
    /// When it was made.
    pub created_day: Day,
}

/// What is to be changed of a sender; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SenderChange {
    /// Its name.
    pub name: Option<SenderName>,
    /// Its own content policy.
    pub content_policy: Option<ContentPolicy>,
}

/// What a sender's credential allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Send notifications and read their outcomes.
    Notify,
    /// Make subscriptions from sealed registrations.
    Register,
    /// Change the sender itself.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Notify, Self::Register, Self::Admin];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::Register => "register",
            Self::Admin => "admin",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Notify => 1,
            Self::Register => 2,
            Self::Admin => 4,
        }
    }
}

/// A set of scopes; stored as the sum of notify 1, register 2, admin 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// All of them: a sender's first credential.
    pub const ALL: Self = Self(7);

    /// The set with this stored number; unknown bits mean nothing and are dropped.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The stored number.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set of these scopes.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// The scopes of the set, in the order of [`Scope::ALL`].
    #[must_use]
    pub fn list(self) -> Vec<Scope> {
        Scope::ALL.into_iter().filter(|scope| self.contains(*scope)).collect()
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

/// A sender's credential, as it is listed: its secret is not even there as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderCredential {
    /// Its id, the first half of the bearer token.
    pub id: CredentialId,
    /// What it allows.
    pub scopes: Scopes,
    /// From when it no longer counts.
    pub expires_at: Option<UnixMillis>,
    /// The day on which it was last used.
    pub last_used_day: Option<Day>,
}

/// A sender's credential, as the store keeps it, together with what authentication must know of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id, the first half of the bearer token.
    pub id: CredentialId,
    /// Whose it is.
    pub sender: SenderId,
    /// SHA-256 of the secret.
    pub secret_hash: SecretHash,
    /// What it allows.
    pub scopes: Scopes,
    /// From when it no longer counts.
    pub expires_at: Option<UnixMillis>,
    /// The day on which it was last used.
    pub last_used_day: Option<Day>,
    /// Whether its sender may use the relay.
    pub sender_state: SenderState,
    /// Its sender's content policy.
    pub content_policy: ContentPolicy,
}
