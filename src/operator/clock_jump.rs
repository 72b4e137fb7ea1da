//! Whether the clock may be believed with what cannot be undone. Pure: whoever sweeps tells both times.

use std::time::Duration;

use tokio::time::Instant;

use crate::base::Day;

/// So many days may lie between two sweeps: a weekend without the relay is nothing strange.
const DAYS: i32 = 2;
/// So long a clock has to go on steadily until it is believed.
const STEADY: Duration = Duration::from_hours(24);

/// A clock that jumped ahead, or nothing of the kind.
#[derive(Debug, Default)]
pub(super) struct ClockJump {
    /// When it was first seen to have jumped, by a clock that cannot.
    seen: Option<Instant>,
}

impl ClockJump {
    /// Whether `today` may be believed after a sweep on the day `last`. A clock that is ahead of it has jumped, or the
    /// relay stood still: it is believed after a day, and at once when it is set back.
    pub(super) fn believes(&mut self, last: Option<Day>, today: Day, now: Instant) -> bool {
        if last.is_none_or(|last| today.0.saturating_sub(last.0) <= DAYS) {
            self.seen = None;
            return true;
        }
        let Some(seen) = self.seen else {
            tracing::warn!(
                "the clock is days ahead of the last sweep: nothing is erased for its age until it went on for a day"
            );
            self.seen = Some(now);
            return false;
        };
        now.duration_since(seen) >= STEADY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_jump_is_believed_after_a_day_and_forgotten_when_the_clock_is_set_back() {
        let (mut jump, start) = (ClockJump::default(), Instant::now());
        let mut believes = |last: Option<i32>, today, hours| {
            jump.believes(last.map(Day), Day(today), start + Duration::from_hours(hours))
        };
        assert!(believes(None, 500, 0) && believes(Some(500), 502, 0) && believes(Some(500), 400, 0));
        assert!(!believes(Some(500), 503, 1) && !believes(Some(500), 503, 24));
        assert!(believes(Some(500), 501, 24));
        assert!(!believes(Some(500), 503, 30) && !believes(Some(500), 503, 53));
        assert!(believes(Some(500), 504, 54));
    }
}
