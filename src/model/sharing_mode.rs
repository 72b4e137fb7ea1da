//! Whether senders may share usage.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the operator's config says of sharing. It cannot switch any of it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharingMode {
    /// Each sender's administrator decides; until then nothing is shared.
    #[default]
    Offered,
    /// Nobody shares anything, and nothing is kept of what was shared before.
    LockedOff,
}

impl SharingMode {
    /// The name in the API and the config.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::LockedOff => "locked_off",
        }
    }
}
