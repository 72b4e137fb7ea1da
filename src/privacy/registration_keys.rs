//! The ring of registration keys: apps seal registrations to them, and only the relay opens those.
//!
//! Owns which keys are published and which still open. Must not read or write key files: `config` does. The ring
//! can be replaced while the relay runs.

use std::cmp::Reverse;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sealpush_seal::registration::{
    LongTermKey, LongTermPublicKey, PublishedKey, RegistrationError, RegistrationKeyPair,
    RegistrationPlaintext, SealedRegistration, open_registration,
};

use super::ShownRegistrationKeys;
use crate::base::UnixMillis;
use crate::config::RegistrationKeyring;
use crate::model::SenderId;

/// How long a key opens after the last moment at which apps seal to it: as old as a registration may be.
const STILL_OPENS: Duration = Duration::from_hours(24);

/// Published are the key that apps should seal to and the one before; all that count still open.
const PUBLISHED: usize = 2;

/// The registration keys of a relay; without any, it takes no sealed registrations.
#[derive(Default)]
pub struct RegistrationKeys {
    ring: RwLock<Arc<Ring>>,
}

/// The keys at one moment, the newest first.
#[derive(Default)]
struct Ring {
    keys: Vec<RingKey>,
    long_term: Option<LongTermPublicKey>,
}

struct RingKey {
    pair: RegistrationKeyPair,
    published: PublishedKey,
}

impl RegistrationKeys {
    /// The keys of these files; none where there is no ring.
    #[must_use]
    pub fn new(ring: Option<&RegistrationKeyring>) -> Self {
        let keys = Self::default();
        keys.replace(ring);
        keys
    }

    /// Goes on with these keys.
    pub fn replace(&self, ring: Option<&RegistrationKeyring>) {
        let ring = ring.map_or_else(Ring::default, |ring| {
            let long_term = LongTermKey::from_bytes(ring.long_term.expose());
            let keys = ring.keys.iter().map(|key| {
                let pair = RegistrationKeyPair::from_bytes(key.private.expose());
                let (from, until) = (unsigned(key.valid_from), unsigned(key.valid_until));
                RingKey { published: PublishedKey::sign(&long_term, pair.public(), from, until), pair }
            });
            let mut keys: Vec<_> = keys.collect();
            keys.sort_by_key(|key| Reverse(key.published.valid_from_ms));
            Ring { keys, long_term: Some(long_term.public()) }
        });
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that apps shall seal to now, and the one before it where that counts too.
    #[must_use]
    pub fn published(&self, now: UnixMillis) -> Vec<PublishedKey> {
        let now = unsigned(now);
        let counts = |key: &PublishedKey| (key.valid_from_ms..=key.valid_until_ms).contains(&now);
        self.ring().keys.iter().map(|key| key.published).filter(counts).take(PUBLISHED).collect()
    }

    /// What may be shown of all keys, the newest first; `None` where there are none.
    #[must_use]
    pub fn shown(&self, now: UnixMillis) -> Option<ShownRegistrationKeys> {
        let ring = self.ring();
        let long_term = ring.long_term?;
        let keys = ring.keys.iter().map(|key| key.published);
        Some(ShownRegistrationKeys::new(long_term, keys, now))
    }

    /// Opens what `sender` handed on.
    pub fn open(
        &self,
        sender: SenderId,
        sealed: &SealedRegistration,
        now: UnixMillis,
    ) -> Result<RegistrationPlaintext, RegistrationError> {
        let ring = self.ring();
        let oldest = unsigned(now).saturating_sub(u64::try_from(STILL_OPENS.as_millis()).unwrap_or(u64::MAX));
        let keys = ring.keys.iter().filter(|key| key.published.valid_until_ms >= oldest).map(|key| &key.pair);
        let sender = sealpush_seal::SenderId::from_bytes(*sender.as_bytes());
        open_registration(keys, sender, sealed, unsigned(now))
    }
}

fn unsigned(at: UnixMillis) -> u64 {
    u64::try_from(at.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use crate::config::RegistrationKey;

    const DAY: i64 = 86_400_000;

    fn key(byte: u8, from: i64, until: i64) -> RegistrationKey {
        let (valid_from, valid_until) = (UnixMillis(from), UnixMillis(until));
        RegistrationKey { private: Secret::new([byte; 32]), valid_from, valid_until }
    }

    fn keys() -> RegistrationKeys {
        let keys = vec![key(2, 10 * DAY, 20 * DAY), key(1, 0, 12 * DAY)];
        RegistrationKeys::new(Some(&RegistrationKeyring { long_term: Secret::new([9; 32]), keys }))
    }

    fn opens_with(byte: u8, now: i64) -> bool {
        let pair = RegistrationKeyPair::from_bytes(&[byte; 32]);
        // Of the right key, and nothing that opens: whether the key still counts is all that is asked.
        let mut bytes = vec![0; 1082];
        (bytes[0], bytes[1]) = (1, 1);
        bytes[2..10].copy_from_slice(&pair.public().key_id().0);
        let sealed = SealedRegistration::from_bytes(bytes).unwrap();
        let opened = keys().open(SenderId::from_bytes([1; 16]), &sealed, UnixMillis(now));
        !matches!(opened, Err(RegistrationError::UnknownKeyId(_)))
    }

    #[test]
    fn current_and_previous_are_published_while_they_count_and_signed() {
        let long_term = LongTermKey::from_bytes(&[9; 32]).public();
        for (now, expected) in [(DAY, 1), (11 * DAY, 2), (13 * DAY, 1), (21 * DAY, 0)] {
            let published = keys().published(UnixMillis(now));
            assert_eq!(published.len(), expected, "day {}", now / DAY);
            assert!(published.iter().all(|key| key.verify(&long_term, unsigned(UnixMillis(now))).is_ok()));
        }
        assert_eq!(keys().published(UnixMillis(11 * DAY))[0].valid_until_ms, unsigned(UnixMillis(20 * DAY)));
    }

    #[test]
    fn a_key_opens_a_day_longer_than_apps_seal_to_it() {
        assert!(opens_with(1, 13 * DAY));
        assert!(!opens_with(1, 13 * DAY + 1));
        assert!(opens_with(2, 13 * DAY));
        assert!(!opens_with(3, DAY));
    }
}
