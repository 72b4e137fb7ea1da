//! Who may become a sender.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How servers that the operator did not add by hand become senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdmissionMode {
    /// With a single-use code of the operator's. Where none is given out, nobody joins.
    #[default]
    Invite,
    /// Whoever asks.
    Open,
}

impl AdmissionMode {
    /// The name in the API and the config.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Open => "open",
        }
    }
}
