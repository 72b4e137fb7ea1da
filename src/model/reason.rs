//! Why an attempt or a delivery ended as it did.

use std::borrow::Cow;
use std::fmt;

/// The longest reason that is kept, in bytes: Apple's and Google's have 27 at most, and the shortest device token has 64.
const MAX: usize = 40;

/// A short name: one of ours (`registration_pending`) or the push service's own (`BadDeviceToken`).
///
/// What a push service answers is a stranger's text. Only letters, digits, `_`, `-` and `.` are kept, and
/// 40 of them, so that no token, address or content comes into a log or an answer by this way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reason(Cow<'static, str>);

impl Reason {
    /// A reason of our own.
    #[must_use]
    pub const fn ours(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A reason that a push service named; `unknown` where nothing of it can be kept.
    #[must_use]
    pub fn theirs(name: &str) -> Self {
        let fits = !name.is_empty()
            && name.len() <= MAX
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if fits { Self(Cow::Owned(name.to_owned())) } else { Self::ours("unknown") }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_writes_is_kept_only_where_it_is_a_name() {
        assert_eq!(Reason::theirs("BadDeviceToken").as_str(), "BadDeviceToken");
        assert_eq!(Reason::theirs("token 740f4707 is bad").as_str(), "unknown");
        assert_eq!(Reason::theirs(&"a".repeat(41)).as_str(), "unknown");
        assert_eq!(Reason::theirs(&"0f".repeat(32)).as_str(), "unknown", "a device token is no reason");
        assert_eq!(Reason::theirs("").as_str(), "unknown");
    }
}
