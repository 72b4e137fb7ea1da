//! What may be shown of the relay's registration keys: public halves, times, and what each is good for at this moment.

use sealpush_seal::registration::{LongTermPublicKey, PublishedKey};
use sha2::{Digest as _, Sha256};

use crate::base::UnixMillis;

/// All registration keys without their private halves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRegistrationKeys {
    /// Names the long-term key: the first 8 bytes of the SHA-256 of its public half, in hexadecimal digits.
    pub long_term_id: String,
    /// The public half of the long-term key, base64url, as apps have it in their build.
    pub long_term: String,
    /// The keys, the newest first.
    pub keys: Vec<ShownRegistrationKey>,
}

/// A registration key without its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRegistrationKey {
    /// Its name on the wire.
    pub id: String,
    /// The public half, base64url.
    pub public: String,
    /// The first moment at which apps seal to it.
    pub valid_from: UnixMillis,
    /// The last.
    pub valid_until: UnixMillis,
    /// What it is good for at this moment.
    pub state: KeyState,
    /// Whether its signature holds under the long-term key.
    pub is_signed: bool,
}

/// What a key of the relay's is good for at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Its time has not come.
    Upcoming,
    /// The one that is used.
    Current,
    /// Still good, and no longer used for anything new.
    Previous,
    /// Its time is over.
    Ended,
}

impl KeyState {
    /// The name in the API and at the terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Ended => "ended",
        }
    }
}

impl ShownRegistrationKeys {
    /// What these keys, the newest first, are at `now`.
    pub(super) fn new(
        long_term: LongTermPublicKey,
        keys: impl Iterator<Item = PublishedKey>,
        now: UnixMillis,
    ) -> Self {
        let mut has_current = false;
        let keys = keys.map(|key| {
            let (from, until) = (signed(key.valid_from_ms), signed(key.valid_until_ms));
            let state = if now < from {
                KeyState::Upcoming
            } else if now > until {
                KeyState::Ended
            } else if std::mem::replace(&mut has_current, true) {
                KeyState::Previous
            } else {
                KeyState::Current
            };
            ShownRegistrationKey {
                id: key.key.key_id().to_string(),
                public: key.key.to_base64url(),
                valid_from: from,
                valid_until: until,
                state,
                is_signed: key.verify(&long_term, key.valid_from_ms).is_ok(),
            }
        });
        let keys = keys.collect();
        let id = hex::encode(&Sha256::digest(long_term.as_bytes())[..8]);
        Self { long_term_id: id, long_term: long_term.to_base64url(), keys }
    }

    /// The key that apps shall seal to.
    #[must_use]
    pub fn current(&self) -> Option<&ShownRegistrationKey> {
        self.keys.iter().find(|key| key.state == KeyState::Current)
    }
}

fn signed(ms: u64) -> UnixMillis {
    UnixMillis(i64::try_from(ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use sealpush_seal::registration::{LongTermKey, RegistrationKeyPair};

    use super::*;

    #[test]
    fn of_the_keys_that_count_the_newest_is_current_and_the_others_are_previous() {
        let long_term = LongTermKey::from_bytes(&[9; 32]);
        let key = |byte, from, until| {
            PublishedKey::sign(&long_term, RegistrationKeyPair::from_bytes(&[byte; 32]).public(), from, until)
        };
        let keys = [key(5, 500, 900), key(4, 400, 800), key(3, 300, 800), key(2, 200, 800), key(1, 0, 300)];
        let shown = ShownRegistrationKeys::new(long_term.public(), keys.into_iter(), UnixMillis(450));
        let states: Vec<_> = shown.keys.iter().map(|key| key.state.as_str()).collect();
        assert_eq!(states, ["upcoming", "current", "previous", "previous", "ended"]);
        assert_eq!(shown.current(), Some(&shown.keys[1]));
        assert!(shown.keys.iter().all(|key| key.is_signed));
    }
}
