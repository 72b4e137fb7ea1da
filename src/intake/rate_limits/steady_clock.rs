//! The wall clock, made to never run backwards.
//!
//! A limit remembers until when somebody must wait. If the machine's clock were set back by an hour, everybody
//! would wait an hour longer; so time goes on from where it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use governor::clock;

use crate::base::Clock;

/// Differences up to here are threads that read the clock in the same moment.
const NOISE_MILLIS: i64 = 1_000;
/// The limiter counts nanoseconds in 64 bits, which end after 584 years.
const MOST_MILLIS: i64 = 500 * 365 * 86_400_000;

/// The time since it was made.
#[derive(Debug, Clone)]
pub(super) struct SteadyClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    /// What is added to the wall clock, in milliseconds: begins so that time begins at zero.
    offset: AtomicI64,
    latest: AtomicI64,
}

impl SteadyClock {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let offset = AtomicI64::new(clock.now().0.saturating_neg());
        Self(Arc::new(Inner { clock, offset, latest: AtomicI64::new(0) }))
    }

    /// The time since the clock was made.
    pub(super) fn elapsed(&self) -> Duration {
        let Inner { clock, offset, latest } = &*self.0;
        let added = offset.load(Ordering::Relaxed);
        let now = clock.now().0.saturating_add(added).min(MOST_MILLIS);
        let before = latest.load(Ordering::Relaxed);
        if now > before {
            latest.fetch_max(now, Ordering::Relaxed);
        } else if before - now > NOISE_MILLIS {
            // Who comes second finds another offset and leaves it.
            let _ = offset.compare_exchange(
                added,
                added.saturating_add(before - now),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
        Duration::from_millis(u64::try_from(now.max(before)).unwrap_or(0))
    }
}

impl clock::Clock for SteadyClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ManualClock, UnixMillis};

    #[test]
    fn time_goes_on_when_the_clock_is_set_back_or_forth() {
        let wall = Arc::new(ManualClock::at(UnixMillis(1_000_000_000)));
        let clock = SteadyClock::new(Arc::clone(&wall) as Arc<dyn Clock>);
        wall.advance(Duration::from_secs(5));
        assert_eq!(clock.elapsed(), Duration::from_secs(5));
        wall.set(UnixMillis(0));
        assert_eq!(clock.elapsed(), Duration::from_secs(5));
        wall.advance(Duration::from_secs(2));
        assert_eq!(clock.elapsed(), Duration::from_secs(7));
        wall.set(UnixMillis(i64::MAX));
        assert!(clock.elapsed() >= Duration::from_secs(7));
    }
}
