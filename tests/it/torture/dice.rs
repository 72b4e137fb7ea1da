//! Chance that can be repeated: everything that a run draws comes from its seed.

use std::ops::RangeInclusive;
use std::time::Duration;

use proptest::prelude::RngExt as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// One stream of draws.
pub(super) struct Dice(TestRng);

impl Dice {
    /// The stream with this number of the run with this seed. Whoever draws at its own pace has its own.
    pub(super) fn of(seed: u64, stream: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        bytes[8..16].copy_from_slice(&stream.to_be_bytes());
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    pub(super) fn between(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    /// `true` so many times of a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.between(1..=100) <= percent
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.between(0..=from.len() as u64 - 1)).unwrap()]
    }

    pub(super) fn millis(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.between(range))
    }
}
