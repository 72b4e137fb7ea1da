//! Apps: the operator's client apps.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Confirm, ContentPolicy, PushService};

/// The name of an app in the API and the config: 1 to 64 of `a-z`, `0-9`, `.`, `-`, `_`. Cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppId(Arc<str>);

/// Why a text is not an app's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an app's id is 1 to 64 characters of a-z, 0-9, '.', '-' and '_', beginning with a letter or digit")]
pub struct AppIdError;

impl FromStr for AppId {
    type Err = AppIdError;

    fn from_str(text: &str) -> Result<Self, AppIdError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && text.len() <= 64 && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(AppIdError)
        }
    }
}

impl AppId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is shown where there is no content, or before the app has opened it. 1 to 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder(String);

/// Why a text is not a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a placeholder is 1 to 128 bytes of text without control characters")]
pub struct PlaceholderError;

impl FromStr for Placeholder {
    type Err = PlaceholderError;

    fn from_str(text: &str) -> Result<Self, PlaceholderError> {
        if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
            return Err(PlaceholderError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Default for Placeholder {
    fn default() -> Self {
        Self("New notification".to_owned())
    }
}

impl Placeholder {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What intake and delivery know of an app; its credentials are known to its push-service adapters only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its name.
    pub id: AppId,
    /// What is shown in place of content.
    pub placeholder: Placeholder,
    /// Whether a device must prove that a token is its own.
    pub confirm: Confirm,
    /// How loosely the app's publisher lets its content be treated.
    pub content_policy: ContentPolicy,
    /// Whether a sender may set the badge, which the push service sees.
    pub badge_allowed: bool,
    /// Whether a sender may name a sound, which the push service sees.
    pub sound_allowed: bool,
    /// The push services that it has credentials for.
    pub push_services: Vec<PushService>,
}
