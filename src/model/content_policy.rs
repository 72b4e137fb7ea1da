//! How readable content is treated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// From loose to strict; the strictest of the operator's, the app's and the sender's holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentPolicy {
    /// Content may reach the push service readable, where it cannot be sealed.
    ClearAllowed,
    /// The relay seals content, or omits it.
    SealOrOmit,
    /// The relay takes envelopes and content-free targets only.
    SealedOnly,
}

impl ContentPolicy {
    /// The name in the API, the config and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClearAllowed => "clear_allowed",
            Self::SealOrOmit => "seal_or_omit",
            Self::SealedOnly => "sealed_only",
        }
    }
}

impl fmt::Display for ContentPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContentPolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::ClearAllowed, Self::SealOrOmit, Self::SealedOnly]
            .into_iter()
            .find(|policy| policy.as_str() == text)
            .ok_or_else(|| "a content policy is clear_allowed, seal_or_omit or sealed_only".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::ContentPolicy::{ClearAllowed, SealOrOmit, SealedOnly};

    #[test]
    fn the_strictest_policy_holds() {
        assert_eq!(ClearAllowed.max(SealOrOmit).max(ClearAllowed), SealOrOmit);
        assert_eq!(SealOrOmit.max(SealedOnly), SealedOnly);
    }
}
