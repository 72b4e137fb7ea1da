//! The ring file: the registration keys with their validity, as JSON.
//!
//! Owns its form, and what a rotation makes of it; pure. Must not touch files. Read next: `registration_keys.rs`.

use std::cmp::Reverse;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::{Zeroize, Zeroizing};

use super::key_bytes::key_bytes;
use crate::base::{Entropy, Secret, UnixMillis};

/// How long apps seal to a new key.
const LIFE: Duration = Duration::from_hours(24 * 365);
/// How long a key opens after that: as old as a sealed registration may be.
const STILL_OPENS: Duration = Duration::from_hours(24);
const MADE_BY: &str = "`sealpush keys generate registration` makes one";

/// One registration key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationKey {
    /// The private half (X25519).
    pub private: Secret<[u8; 32]>,
    /// The first moment at which apps seal to it.
    pub valid_from: UnixMillis,
    /// The last.
    pub valid_until: UnixMillis,
}

/// What becomes of the keys before, when a new one is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviousKeys {
    /// They stay until the end that the relay signed: apps may have them until then.
    Stay,
    /// Apps stop sealing to them now, because somebody else may have them.
    End,
}

/// The ring file as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingText {
    keys: Vec<KeyText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    /// Base64url of the private half.
    private: String,
    valid_from: String,
    valid_until: String,
}

impl Drop for KeyText {
    fn drop(&mut self) {
        self.private.zeroize();
    }
}

impl RegistrationKey {
    /// A new key, valid for a year from `now` on.
    pub(super) fn fresh(now: UnixMillis, entropy: &dyn Entropy) -> Self {
        // Whole seconds: the signature is over milliseconds, which every app must get from the text.
        let now = UnixMillis(now.unix_seconds() * 1000);
        Self { private: Secret::new(entropy.bytes()), valid_from: now, valid_until: now.plus(LIFE) }
    }
}

/// The ring with a new key, and without those that open nothing any more.
pub(super) fn rotated(
    ring: &[RegistrationKey],
    previous: PreviousKeys,
    now: UnixMillis,
    entropy: &dyn Entropy,
) -> Vec<RegistrationKey> {
    let fresh = RegistrationKey::fresh(now, entropy);
    let end = match previous {
        PreviousKeys::Stay => UnixMillis(i64::MAX),
        PreviousKeys::End => fresh.valid_from,
    };
    let kept = ring.iter().cloned().map(|mut key| {
        key.valid_until = key.valid_until.min(end);
        key
    });
    // A key of this very second has not been valid for any time, if it shall end now.
    let kept = kept.filter(|key| key.valid_from < key.valid_until);
    let kept = kept.filter(|key| key.valid_until.plus(STILL_OPENS) >= now);
    std::iter::once(fresh.clone()).chain(kept).collect()
}

/// The file of these keys.
pub(super) fn write_ring(keys: &[RegistrationKey]) -> Zeroizing<Vec<u8>> {
    let keys = keys.iter().map(|key| KeyText {
        private: sealpush_seal::base64url::encode(key.private.expose()),
        valid_from: key.valid_from.to_string(),
        valid_until: key.valid_until.to_string(),
    });
    let ring = RingText { keys: keys.collect() };
    // Room for all of it: a buffer that grows would leave copies of keys behind.
    let mut json = Zeroizing::new(Vec::with_capacity(ring.keys.len() * 256 + 64));
    serde_json::to_writer_pretty(&mut *json, &ring).expect("texts in a struct are always JSON");
    json.push(b'\n');
    json
}

/// Reads a ring file, the newest key first. No error quotes a value.
pub(super) fn read_ring(text: &[u8]) -> Result<Vec<RegistrationKey>, String> {
    let ring: RingText = serde_json::from_slice(text).map_err(|error| {
        format!("is not a ring of registration keys (near line {}). {MADE_BY}", error.line())
    })?;
    let mut keys: Vec<RegistrationKey> = Vec::with_capacity(ring.keys.len());
    for (number, key) in (1..).zip(&ring.keys) {
        let private = key_bytes(key.private.as_bytes())
            .ok_or_else(|| format!("key {number}: `private` must be 32 bytes in base64url. {MADE_BY}"))?;
        let times = (read_time(&key.valid_from), read_time(&key.valid_until));
        let (Some(valid_from), Some(valid_until)) = times else {
            return Err(format!(
                "key {number}: `valid_from` and `valid_until` are RFC 3339 in whole seconds, ending in Z"
            ));
        };
        if valid_from >= valid_until {
            return Err(format!("key {number}: `valid_until` must be later than `valid_from`"));
        }
        let private = Secret::new(*private);
        if keys.iter().any(|other| other.private == private) {
            return Err(format!("key {number}: stands there twice"));
        }
        keys.push(RegistrationKey { private, valid_from, valid_until });
    }
    if keys.is_empty() {
        return Err(format!("holds no key. {MADE_BY}"));
    }
    keys.sort_by_key(|key| Reverse(key.valid_from));
    Ok(keys)
}

fn read_time(text: &str) -> Option<UnixMillis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| text.ends_with('Z'))?;
    (at.nanosecond() == 0).then(|| UnixMillis(at.unix_timestamp() * 1000))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::OsEntropy;

    const NOW: UnixMillis = UnixMillis(1_795_219_200_123);
    const DAY: i64 = 86_400_000;

    fn later(days: i64) -> UnixMillis {
        UnixMillis(NOW.0 + days * DAY)
    }

    fn rotated_at(ring: &[RegistrationKey], previous: PreviousKeys, now: UnixMillis) -> Vec<RegistrationKey> {
        rotated(ring, previous, now, &OsEntropy)
    }

    #[test]
    fn a_new_key_is_valid_for_a_year_from_now_and_those_before_keep_their_end() {
        let first = RegistrationKey::fresh(NOW, &OsEntropy);
        let ring = rotated_at(std::slice::from_ref(&first), PreviousKeys::Stay, later(100));
        let from = UnixMillis(later(100).0 - 123);
        assert_eq!((ring[0].valid_from, ring[0].valid_until), (from, UnixMillis(from.0 + 365 * DAY)));
        assert_eq!(ring[1..], [first]);
    }

    #[test]
    fn keys_that_somebody_else_may_have_end_now_and_open_for_one_more_day() {
        let first = RegistrationKey::fresh(NOW, &OsEntropy);
        let ring = rotated_at(std::slice::from_ref(&first), PreviousKeys::End, later(1));
        assert_eq!((&ring[1].private, ring[1].valid_until), (&first.private, ring[0].valid_from));
        let last = ring[1].valid_until.plus(STILL_OPENS);
        assert_eq!(rotated_at(&ring, PreviousKeys::Stay, last).len(), 3);
        assert_eq!(rotated_at(&ring, PreviousKeys::Stay, UnixMillis(last.0 + 1)).len(), 2);
        assert_eq!(rotated_at(&[first], PreviousKeys::End, NOW).len(), 1);
    }

    #[test]
    fn a_key_that_opens_nothing_any_more_is_dropped() {
        let first = RegistrationKey::fresh(NOW, &OsEntropy);
        assert_eq!(rotated_at(std::slice::from_ref(&first), PreviousKeys::Stay, later(365)).len(), 2);
        assert_eq!(rotated_at(&[first], PreviousKeys::Stay, later(367)).len(), 1);
    }

    #[test]
    fn a_key_that_stands_there_twice_is_refused() {
        let key = RegistrationKey::fresh(NOW, &OsEntropy);
        let refused = read_ring(&write_ring(&[key.clone(), key])).unwrap_err();
        assert_eq!(refused, "key 2: stands there twice");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in proptest::collection::vec((0_i64..4_000_000_000, 1_i64..100_000_000), 1..8)) {
            let keys = seconds.iter().map(|(from, life)| RegistrationKey {
                private: Secret::new((&OsEntropy as &dyn Entropy).bytes()),
                valid_from: UnixMillis(from * 1000),
                valid_until: UnixMillis((from + life) * 1000),
            });
            let mut keys: Vec<_> = keys.collect();
            let read = read_ring(&write_ring(&keys));
            keys.sort_by_key(|key| Reverse(key.valid_from));
            prop_assert_eq!(read, Ok(keys));
        }

        #[test]
        fn whatever_the_file_holds_it_is_read_or_refused_without_being_quoted(text in ".*", value in "[a-z0-9]{16}") {
            let _ = read_ring(text.as_bytes());
            let json = serde_json::json!({"keys": [{"private": value, "valid_from": text, "valid_until": value}]});
            let refused = read_ring(json.to_string().as_bytes()).unwrap_err();
            prop_assert!(!refused.contains(&value));
        }
    }
}
