//! What is known of one connection, and what follows from it. Pure: the time comes in as an argument.

use std::time::Duration;

use tokio::time::Instant;

use super::Rules;

/// The state of one connection.
#[derive(Debug, Clone)]
pub(super) struct Gauge {
    in_flight: usize,
    gate: Gate,
    answered: bool,
    retired: bool,
    doubted: bool,
    heard_at: Instant,
    busy_since: Instant,
    used_at: Instant,
}

/// How many streams may be open. Apple allows one until the first request with a valid provider token
/// succeeded ("Sending notification requests to APNs"), and any peer's limit is known only once its SETTINGS
/// came, so every connection begins with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    One,
    Open,
}

/// Whether a request may go out on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taking {
    /// Yes; it is counted.
    Taken,
    /// Not now: as many streams are open as may be. `proven`: the gate is open, so that it really is full.
    Full {
        /// Whether the gate is open.
        proven: bool,
    },
    /// Not before it has answered a ping.
    Doubted,
    /// Never again.
    Retired,
}

/// What the driver of a connection does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    /// Nothing until then, or until it is woken.
    Wait(Instant),
    /// Ping, and end the connection where no answer comes.
    Ping,
    /// Say goodbye.
    Close,
}

impl Gauge {
    /// A connection that was opened at `now`.
    pub(super) fn opened(now: Instant) -> Self {
        Self {
            in_flight: 0,
            gate: Gate::One,
            answered: false,
            retired: false,
            doubted: false,
            heard_at: now,
            busy_since: now,
            used_at: now,
        }
    }

    /// Counts one more stream, where that is allowed. `peer_limit` is the peer's
    /// `SETTINGS_MAX_CONCURRENT_STREAMS`.
    pub(super) fn take(&mut self, now: Instant, peer_limit: usize, rules: &Rules) -> Taking {
        if self.retired {
            return Taking::Retired;
        }
        if self.in_flight == 0 && now.duration_since(self.heard_at) > rules.doubt {
            self.doubted = true;
        }
        if self.doubted {
            return Taking::Doubted;
        }
        let limit = match self.gate {
            Gate::One => 1,
            // A peer that momentarily allows none gets one, which waits in h2 until it is allowed.
            Gate::Open => peer_limit.clamp(1, rules.max_streams),
        };
        if self.in_flight >= limit {
            return Taking::Full { proven: self.gate == Gate::Open };
        }
        if self.in_flight == 0 {
            self.busy_since = now;
        }
        self.in_flight += 1;
        Taking::Taken
    }

    /// Counts one stream less.
    pub(super) fn release(&mut self, now: Instant) {
        self.in_flight -= 1;
        self.used_at = now;
    }

    /// Something came from the peer.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.doubted = false;
    }

    /// Makes the last sign of the peer older by `silence`.
    #[cfg(test)]
    pub(super) fn age(&mut self, silence: Duration) {
        self.heard_at = self.heard_at.checked_sub(silence).expect("the machine runs for longer");
    }

    /// An answer came.
    pub(super) fn answered(&mut self, now: Instant) {
        self.heard(now);
        self.answered = true;
    }

    /// A request of ours was authorised: the gate opens.
    pub(super) fn prove(&mut self) {
        self.gate = Gate::Open;
    }

    /// A request that went out at `sent_at` had no answer in time. If nothing else came since, the connection
    /// has to answer a ping before it is used again.
    pub(super) fn suspect(&mut self, sent_at: Instant) {
        self.doubted |= self.heard_at <= sent_at;
    }

    /// No more requests; it ends when its streams have.
    pub(super) fn retire(&mut self) {
        self.retired = true;
    }

    /// Whether it ever carried an answer.
    pub(super) fn has_answered(&self) -> bool {
        self.answered
    }

    /// Whether a request on it was ever authorised.
    pub(super) fn is_proven(&self) -> bool {
        self.gate == Gate::Open
    }

    /// Whether it takes no more requests.
    pub(super) fn is_retired(&self) -> bool {
        self.retired
    }

    /// Streams in use.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// What is due at `now`.
    pub(super) fn duty(&self, now: Instant, rules: &Rules) -> Duty {
        let idle = self.in_flight == 0;
        if idle && (self.retired || now >= self.used_at + rules.idle_limit) {
            return Duty::Close;
        }
        let ping_at = if idle {
            self.heard_at + rules.idle_ping
        } else {
            self.heard_at.max(self.busy_since) + rules.busy_ping
        };
        if self.doubted || now >= ping_at {
            return Duty::Ping;
        }
        let close_at = if idle { self.used_at + rules.idle_limit } else { now + FAR };
        Duty::Wait(ping_at.min(close_at))
    }
}

/// Longer than any other wait.
const FAR: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rules() -> Rules {
        Rules { idle_ping: 3600 * SECOND, ..Rules::default() }
    }

    fn proven(now: Instant) -> Gauge {
        let mut gauge = Gauge::opened(now);
        gauge.prove();
        gauge
    }

    #[test]
    fn one_request_goes_alone_until_one_was_authorised() {
        let now = Instant::now();
        let mut gauge = Gauge::opened(now);
        assert_eq!(gauge.take(now, 1000, &rules()), Taking::Taken);
        assert_eq!(gauge.take(now, 1000, &rules()), Taking::Full { proven: false });
        gauge.prove();
        assert_eq!(gauge.take(now, 1000, &rules()), Taking::Taken);
    }

    #[test]
    fn the_peers_limit_and_our_own_are_both_kept() {
        let now = Instant::now();
        let fill = |peer_limit| {
            let mut gauge = proven(now);
            (0..10_000).take_while(|_| gauge.take(now, peer_limit, &rules()) == Taking::Taken).count()
        };
        assert_eq!(fill(7), 7);
        assert_eq!(fill(usize::MAX), 500);
        assert_eq!(fill(0), 1);
    }

    #[test]
    fn a_connection_that_was_silent_for_a_minute_answers_a_ping_before_it_is_used() {
        let start = Instant::now();
        let later = start + 61 * SECOND;
        let mut gauge = proven(start);
        assert_eq!(gauge.take(later, 9, &rules()), Taking::Doubted);
        assert_eq!(gauge.duty(later, &rules()), Duty::Ping);
        gauge.heard(later);
        assert_eq!(gauge.take(later, 9, &rules()), Taking::Taken);
    }

    #[test]
    fn silence_with_streams_open_is_answered_by_a_ping_after_30_seconds() {
        let start = Instant::now();
        let begun = start + 50 * SECOND;
        let mut gauge = proven(start);
        gauge.take(begun, 9, &rules());
        assert_eq!(gauge.duty(begun, &rules()), Duty::Wait(begun + 30 * SECOND));
        assert_eq!(gauge.duty(begun + 30 * SECOND, &rules()), Duty::Ping);
        gauge.heard(begun + 29 * SECOND);
        assert_eq!(gauge.duty(begun + 30 * SECOND, &rules()), Duty::Wait(begun + 59 * SECOND));
    }

    #[test]
    fn an_idle_connection_is_pinged_hourly_and_closed_after_six_hours() {
        let start = Instant::now();
        let mut gauge = proven(start);
        assert_eq!(gauge.duty(start, &rules()), Duty::Wait(start + 3600 * SECOND));
        assert_eq!(gauge.duty(start + 3600 * SECOND, &rules()), Duty::Ping);
        gauge.heard(start + 20_000 * SECOND);
        assert_eq!(gauge.duty(start + 20_000 * SECOND, &rules()), Duty::Wait(start + 21_600 * SECOND));
        assert_eq!(gauge.duty(start + 21_600 * SECOND, &rules()), Duty::Close);
    }

    #[test]
    fn a_request_without_answer_on_a_silent_connection_makes_it_doubted() {
        let start = Instant::now();
        let mut gauge = proven(start);
        gauge.take(start, 9, &rules());
        gauge.heard(start + SECOND);
        gauge.suspect(start);
        assert_eq!(gauge.take(start + SECOND, 9, &rules()), Taking::Taken);
        gauge.suspect(start + 2 * SECOND);
        assert_eq!(gauge.take(start + 3 * SECOND, 9, &rules()), Taking::Doubted);
    }

    #[test]
    fn a_retired_connection_ends_when_its_last_stream_has() {
        let now = Instant::now();
        let mut gauge = proven(now);
        gauge.take(now, 9, &rules());
        gauge.retire();
        assert_eq!(gauge.take(now, 9, &rules()), Taking::Retired);
        assert!(matches!(gauge.duty(now, &rules()), Duty::Wait(_)));
        gauge.release(now);
        assert_eq!(gauge.duty(now, &rules()), Duty::Close);
    }
}
