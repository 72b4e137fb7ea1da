//! Whether the push service refuses so many device tokens that it must be our mistake.
//!
//! Protocol, "Dead tokens, and whose fault it is": a word about one token costs one delivery; the same word for
//! more than half of at least 20 different tokens that worked before, within ten minutes, is about us. Owns the
//! count; must not know what follows from it. In memory only, and of tokens only a keyed hash under a key that
//! ends with the process.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::UnixMillis;
use crate::model::DeviceToken;

/// How far back answers count.
const WINDOW: Duration = Duration::from_mins(10);
/// Fewer different tokens say nothing.
const LEAST: usize = 20;
/// The most tokens that are remembered. Where more come, a fair sample of them is: every second, every fourth …
const MOST: usize = 1024;
/// Between two times at which what is too old is forgotten.
const TIDY_EVERY: Duration = Duration::from_mins(1);

/// Watches the tokens of one app at one push service and environment.
#[derive(Debug)]
pub(super) struct TokenWatch {
    hasher: RandomState,
    /// A token is in the sample where its hash has none of these bits.
    mask: AtomicU64,
    tidy_at: AtomicI64,
    sample: Mutex<Sample>,
}

impl Default for TokenWatch {
    fn default() -> Self {
        let sample = Mutex::new(Sample::default());
        Self {
            hasher: RandomState::new(),
            mask: AtomicU64::new(0),
            tidy_at: AtomicI64::new(i64::MIN),
            sample,
        }
    }
}

impl TokenWatch {
    /// Takes in an answer about `token`, which worked before: whether it `fits`. True where so many do not that
    /// it is about us; the count then begins anew.
    pub(super) fn note(&self, token: &DeviceToken, fits: bool, now: UnixMillis) -> bool {
        self.note_hash(self.hasher.hash_one(token.expose()), fits, now)
    }

    fn note_hash(&self, hash: u64, fits: bool, now: UnixMillis) -> bool {
        let is_tidy = now.0 < self.tidy_at.load(Ordering::Relaxed);
        if is_tidy && hash & self.mask.load(Ordering::Relaxed) != 0 {
            return false;
        }
        let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_tidy {
            self.tidy_at.store(now.plus(TIDY_EVERY).0, Ordering::Relaxed);
            sample.tidy(now);
        }
        let is_about_us = sample.note(hash, fits, now);
        self.mask.store(sample.mask, Ordering::Relaxed);
        is_about_us
    }
}

/// The tokens of which the hash has none of the bits of `mask`, with their last answers.
#[derive(Debug, Default)]
struct Sample {
    seen: HashMap<u64, Seen>,
    mask: u64,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: UnixMillis,
    fits: bool,
}

impl Sample {
    fn note(&mut self, hash: u64, fits: bool, now: UnixMillis) -> bool {
        if hash & self.mask == 0 {
            self.seen.insert(hash, Seen { at: now, fits });
        }
        if self.seen.len() > MOST {
            self.tidy(now);
        }
        // A token that fits never makes the matter worse.
        let is_about_us = !fits && self.is_about_us(now);
        if is_about_us {
            self.seen.clear();
        }
        is_about_us
    }

    fn is_about_us(&self, now: UnixMillis) -> bool {
        let recent = self.seen.values().filter(|seen| seen.is_recent(now));
        let (all, misfits) =
            recent.fold((0, 0), |(all, misfits), seen| (all + 1, misfits + usize::from(!seen.fits)));
        all >= LEAST && 2 * misfits > all
    }

    /// Forgets what is too old, and keeps the sample between an eighth and the whole of [`MOST`].
    fn tidy(&mut self, now: UnixMillis) {
        self.seen.retain(|_, seen| seen.is_recent(now));
        while self.seen.len() > MOST / 2 && self.mask.count_ones() < u64::BITS {
            self.mask = self.mask << 1 | 1;
            let mask = self.mask;
            self.seen.retain(|hash, _| hash & mask == 0);
        }
        let mut expected = self.seen.len();
        while self.mask > 0 && expected < MOST / 8 {
            self.mask >>= 1;
            expected = (2 * expected).max(1);
        }
    }
}

impl Seen {
    /// Not from before the window, and not from a time that the clock was set back from.
    fn is_recent(self, now: UnixMillis) -> bool {
        self.at <= now && now.since(self.at) < WINDOW
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const START: UnixMillis = UnixMillis(1_763_683_200_000);

    fn after(seconds: u64) -> UnixMillis {
        START.plus(Duration::from_secs(seconds))
    }

    /// Hashes that look like those of tokens.
    fn hash(token: u64) -> u64 {
        token.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    }

    /// How many different tokens, all refused, it takes.
    fn refused_until_tripped(watch: &TokenWatch, now: UnixMillis) -> Option<u64> {
        (0..100).find(|token| watch.note_hash(hash(*token), false, now)).map(|token| token + 1)
    }

    #[test]
    fn twenty_different_tokens_that_are_refused_are_about_us() {
        assert_eq!(refused_until_tripped(&TokenWatch::default(), START), Some(20));
    }

    #[test]
    fn one_token_that_is_refused_often_is_about_that_token() {
        let watch = TokenWatch::default();
        assert!(!(0..100).any(|_| watch.note_hash(hash(1), false, START)));
    }

    #[test]
    fn half_of_the_tokens_are_not_more_than_half() {
        let watch = TokenWatch::default();
        let tripped = (0..200).position(|token| watch.note_hash(hash(token), token % 2 == 0, START));
        assert_eq!(tripped, None);
        let first = (1000..1100).position(|token| watch.note_hash(hash(token), false, START));
        assert_eq!(first, Some(0));
    }

    #[test]
    fn what_is_ten_minutes_old_no_longer_counts() {
        let watch = TokenWatch::default();
        for token in 0..19 {
            assert!(!watch.note_hash(hash(token), false, START));
        }
        assert!(!watch.note_hash(hash(19), false, after(600)));
    }

    #[test]
    fn the_count_begins_anew_once_it_was_said() {
        let watch = TokenWatch::default();
        assert_eq!(refused_until_tripped(&watch, START), Some(20));
        assert_eq!(refused_until_tripped(&watch, START), Some(20));
    }

    #[test]
    fn a_token_counts_by_its_last_answer() {
        let watch = TokenWatch::default();
        for token in 0..19 {
            watch.note_hash(hash(token), false, START);
            watch.note_hash(hash(token), true, START);
        }
        assert!(!watch.note_hash(hash(19), false, START));
    }

    #[test]
    fn a_million_tokens_take_no_more_room_than_a_thousand_and_are_still_judged() {
        let watch = TokenWatch::default();
        for token in 0..1_000_000 {
            assert!(!watch.note_hash(hash(token), token % 3 != 0, START));
        }
        assert!(watch.sample.lock().unwrap().seen.len() <= MOST);
        // As many again, all refused: two thirds of all are misfits before the end.
        assert!((1_000_000..2_000_000).any(|token| watch.note_hash(hash(token), false, START)));
    }

    #[test]
    fn a_quiet_night_after_a_busy_day_is_watched_as_closely_as_ever() {
        let watch = TokenWatch::default();
        for token in 0..100_000 {
            watch.note_hash(hash(token), true, START);
        }
        assert_eq!(refused_until_tripped(&watch, after(3600)), Some(20));
    }

    proptest! {
        /// Against the rule as it is written, for as many tokens as are all remembered.
        #[test]
        fn it_is_the_rule_as_long_as_all_tokens_are_remembered(
            answers in proptest::collection::vec((0u64..60, any::<bool>(), 0u64..40), 0..400),
        ) {
            let watch = TokenWatch::default();
            let mut last: BTreeMap<u64, (u64, bool)> = BTreeMap::new();
            let mut seconds = 0;
            for (token, fits, passed) in answers {
                seconds += passed;
                last.insert(token, (seconds, fits));
                let recent: Vec<_> = last.values().filter(|(at, _)| seconds - at < 600).collect();
                let misfits = recent.iter().filter(|(_, fits)| !fits).count();
                let expected = !fits && recent.len() >= 20 && 2 * misfits > recent.len();
                if expected {
                    last.clear();
                }
                prop_assert_eq!(watch.note_hash(hash(token), fits, after(seconds)), expected);
            }
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn no_clock_and_no_flood_makes_it_grow(
            answers in proptest::collection::vec((any::<u64>(), any::<bool>(), any::<i32>()), 0..3000),
        ) {
            let watch = TokenWatch::default();
            for (hash, fits, at) in answers {
                watch.note_hash(hash, fits, UnixMillis(START.0 + i64::from(at)));
                prop_assert!(watch.sample.lock().unwrap().seen.len() <= MOST);
            }
        }
    }
}
