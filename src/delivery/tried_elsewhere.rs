//! Which APNs tokens were already tried in the other environment, in vain.
//!
//! A token that fits neither environment costs two refusals once, and one from then on: Apple closes the
//! connections of who shows it too many bad tokens. In memory only, of the tokens only a keyed hash under a key
//! that ends with the process; a token that the app registers again is tried again.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::base::UnixMillis;
use crate::model::{DeviceToken, Environment};

/// Twice as many tokens are remembered at most; the oldest half is forgotten at once.
const HALF: usize = 8192;

/// The tokens.
#[derive(Debug, Default)]
pub(super) struct TriedElsewhere {
    hasher: RandomState,
    halves: Mutex<Halves>,
}

#[derive(Debug, Default)]
struct Halves {
    newer: HashSet<u64>,
    older: HashSet<u64>,
}

impl TriedElsewhere {
    /// Whether the token that was registered then was tried in `environment` in vain.
    pub(super) fn contains(
        &self,
        token: &DeviceToken,
        registered_at: UnixMillis,
        environment: Environment,
    ) -> bool {
        let hash = self.hash(token, registered_at, environment);
        let halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        halves.newer.contains(&hash) || halves.older.contains(&hash)
    }

    /// Remembers that it was.
    pub(super) fn insert(&self, token: &DeviceToken, registered_at: UnixMillis, environment: Environment) {
        let hash = self.hash(token, registered_at, environment);
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        if halves.newer.len() >= HALF {
            halves.older = std::mem::take(&mut halves.newer);
        }
        halves.newer.insert(hash);
    }

    fn hash(&self, token: &DeviceToken, registered_at: UnixMillis, environment: Environment) -> u64 {
        self.hasher.hash_one((token.expose(), registered_at, environment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PushService;

    const THEN: UnixMillis = UnixMillis(7);

    fn token(number: usize) -> DeviceToken {
        DeviceToken::parse(PushService::Apns, &format!("{number:064x}")).unwrap()
    }

    #[test]
    fn a_token_that_was_registered_again_is_tried_again() {
        let tried = TriedElsewhere::default();
        tried.insert(&token(1), THEN, Environment::Sandbox);
        assert!(tried.contains(&token(1), THEN, Environment::Sandbox));
        assert!(!tried.contains(&token(1), UnixMillis(8), Environment::Sandbox));
        assert!(!tried.contains(&token(1), THEN, Environment::Production));
        assert!(!tried.contains(&token(2), THEN, Environment::Sandbox));
    }

    #[test]
    fn a_flood_of_bad_tokens_takes_bounded_room_and_the_newest_are_remembered() {
        let tried = TriedElsewhere::default();
        for number in 0..5 * HALF {
            tried.insert(&token(number), THEN, Environment::Sandbox);
        }
        let halves = tried.halves.lock().unwrap();
        assert!(halves.newer.len() + halves.older.len() <= 2 * HALF);
        drop(halves);
        assert!((4 * HALF..5 * HALF).all(|n| tried.contains(&token(n), THEN, Environment::Sandbox)));
        assert!(!tried.contains(&token(0), THEN, Environment::Sandbox));
    }
}
