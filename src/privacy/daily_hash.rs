//! Keyed hashes of clients' networks, under a key that nobody keeps.
//!
//! The key is drawn at random each UTC day and lives in memory alone: who looks into the memory of a running relay
//! can try addresses out for as long as a day, and nobody can afterwards.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::base::{Clock, Day, Entropy};
use crate::model::ClientNetwork;

/// Makes [`ClientHash`]es.
pub struct DailyHash {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    key: RwLock<(Day, Zeroizing<[u8; 32]>)>,
}

/// Stands for a client's network in memory, for a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientHash([u8; 16]);

impl fmt::Debug for ClientHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[client]")
    }
}

impl DailyHash {
    /// Draws the first key.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let key = RwLock::new((clock.now().day(), Zeroizing::new(entropy.bytes())));
        Self { clock, entropy, key }
    }

    /// What stands for `network` today.
    #[must_use]
    pub fn of(&self, network: &ClientNetwork) -> ClientHash {
        let today = self.clock.now().day();
        {
            let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
            if key.0 == today {
                return hash(&key.1, network);
            }
        }
        let mut key = self.key.write().unwrap_or_else(PoisonError::into_inner);
        if key.0 != today {
            *key = (today, Zeroizing::new(self.entropy.bytes()));
        }
        hash(&key.1, network)
    }
}

/// The first half of HMAC-SHA256 (RFC 2104, section 5).
fn hash(key: &[u8; 32], network: &ClientNetwork) -> ClientHash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(network.expose());
    let whole = mac.finalize().into_bytes();
    let mut first = [0; 16];
    first.copy_from_slice(&whole[..16]);
    ClientHash(first)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::{ManualClock, OsEntropy, UnixMillis};

    #[test]
    fn a_network_has_one_hash_a_day_and_another_the_next() {
        let clock = Arc::new(ManualClock::at(UnixMillis(1_000)));
        let hashes = DailyHash::new(Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(OsEntropy));
        let of = |address: &str| hashes.of(&ClientNetwork::of(address.parse().unwrap()));
        let first = of("192.0.2.1");
        clock.advance(Duration::from_hours(23));
        assert!(of("192.0.2.1") == first && of("192.0.2.2") != first);
        clock.advance(Duration::from_hours(1));
        let next = of("192.0.2.1");
        assert!(next != first && of("192.0.2.1") == next);
    }

    #[test]
    fn two_relays_have_different_hashes() {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis(1_000)));
        let of = || {
            let hashes = DailyHash::new(Arc::clone(&clock), Arc::new(OsEntropy));
            hashes.of(&ClientNetwork::of("192.0.2.1".parse().unwrap()))
        };
        assert!(of() != of());
    }
}
