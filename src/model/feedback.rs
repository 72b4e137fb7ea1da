//! Feedback: what a sender is told of its subscriptions that ended.

use std::fmt;
use std::str::FromStr;

use sealpush_seal::base64url;

use super::SubscriptionId;
use crate::base::Day;

/// A subscription that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedbackEntry {
    /// Names the entry: where the next question begins.
    pub cursor: FeedbackCursor,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Why.
    pub end: SubscriptionEnd,
    /// The day, and no more: when a device went away to the second is nobody's business.
    pub day: Day,
}

/// Why a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionEnd {
    /// The push service says that the device token is dead.
    Unregistered,
    /// Nobody used it for too long.
    Expired,
    /// Its app or its sender removed it.
    Removed,
}

impl SubscriptionEnd {
    /// Every end.
    pub const ALL: [Self; 3] = [Self::Unregistered, Self::Expired, Self::Removed];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unregistered => "unregistered",
            Self::Expired => "expired",
            Self::Removed => "removed",
        }
    }
}

/// Names one entry to its sender. Random, so that it tells nobody how many others there are. In the API 22 characters
/// of base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedbackCursor(pub [u8; 16]);

/// Why a text is no cursor.
#[derive(Debug, thiserror::Error)]
#[error("a cursor is 22 characters of base64url, as this call answered it")]
pub struct FeedbackCursorError;

impl fmt::Display for FeedbackCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl FromStr for FeedbackCursor {
    type Err = FeedbackCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = base64url::decode(text).map_err(|_| FeedbackCursorError)?;
        bytes.try_into().map(Self).map_err(|_| FeedbackCursorError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_shown(bytes: [u8; 16]) {
            let cursor = FeedbackCursor(bytes);
            prop_assert_eq!(cursor.to_string().parse::<FeedbackCursor>().unwrap(), cursor);
        }

        #[test]
        fn no_text_makes_the_reader_panic_and_each_cursor_has_one_spelling(text in ".{0,40}") {
            if let Ok(cursor) = text.parse::<FeedbackCursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }
}
