//! Full-jitter exponential backoff.

use std::time::Duration;

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first attempt; doubled with each further one.
    pub first: Duration,
    /// The longest wait of all.
    pub most: Duration,
}

impl Backoff {
    /// The wait after `attempts` attempts; `jitter` in `0..=1` is drawn anew each time, so that those who
    /// failed together do not come back together.
    #[must_use]
    pub fn after(self, attempts: u32, jitter: f64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.most);
        ceiling.mul_f64(jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_secs(2), most: Duration::from_mins(1) };

    #[test]
    fn the_ceiling_doubles_up_to_the_most() {
        let seconds: Vec<_> = [1, 2, 3, 6, 40].map(|n| BACKOFF.after(n, 1.0).as_secs()).to_vec();
        assert_eq!(seconds, [2, 4, 8, 60, 60]);
    }

    #[test]
    fn the_jitter_is_full() {
        assert_eq!(BACKOFF.after(5, 0.0), Duration::ZERO);
        assert_eq!(BACKOFF.after(1, 0.5), Duration::from_secs(1));
    }
}
