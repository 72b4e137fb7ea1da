//! What a connection is doing, as far as it decides when the connection ends.
//!
//! HTTP/2 holds what a client does not take behind its flow control, where the socket shows nothing, and pings that
//! are answered keep a silent connection alive for ever. So each connection knows which requests are being answered,
//! and when its client last took something of an answer. Must not look into a request, nor end anything itself:
//! `serving.rs` does.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How long a TLS handshake, the first bytes behind it, or the head of a request may take.
pub(super) const SLOWEST: Duration = Duration::from_secs(10);
/// How long a client may take nothing of an answer that waits for it.
pub(super) const LONGEST_WRITE: Duration = Duration::from_secs(30);

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nobody has asked anything for long.
    Idle,
    /// The head of a request began, and did not come to its end.
    SlowHead,
    /// An answer waits, and its client does not take it.
    Untaken,
}

/// What one connection is doing.
pub(super) struct Activity {
    idle: Duration,
    state: Mutex<State>,
}

struct State {
    /// The requests that are being answered, with the time at which something of the answer was last taken; `None`
    /// before there is an answer.
    requests: HashMap<u64, Option<Instant>>,
    /// How many there were.
    begun: u64,
    /// Since when none is being answered.
    quiet_since: Instant,
    /// Since when the head of a request is coming. HTTP/1 alone: HTTP/2 sends it in one go.
    head_since: Option<Instant>,
}

/// A request that is being answered, until its answer was taken.
pub(super) struct UnderWay {
    activity: Arc<Activity>,
    number: u64,
}

impl Activity {
    /// A connection that begins, and may ask nothing for as long as `idle`.
    pub(super) fn new(idle: Duration) -> Arc<Self> {
        let state =
            State { requests: HashMap::new(), begun: 0, quiet_since: Instant::now(), head_since: None };
        Arc::new(Self { idle, state: Mutex::new(state) })
    }

    /// A request came.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut state = self.state();
        let number = state.begun;
        state.begun += 1;
        state.head_since = None;
        state.requests.insert(number, None);
        drop(state);
        UnderWay { activity: Arc::clone(self), number }
    }

    /// Bytes of HTTP/1 came: of a head, where no request is being answered.
    pub(super) fn came(&self, bytes: &[u8]) {
        let mut state = self.state();
        // RFC 9112, section 2.2: an empty line before a request is none of it.
        if state.requests.is_empty() && !bytes.iter().all(|byte| b"\r\n".contains(byte)) {
            state.head_since.get_or_insert_with(Instant::now);
        }
    }

    /// Bytes of HTTP/1 were taken: of an answer, as nothing else is sent there.
    pub(super) fn taken(&self) {
        let (mut state, now) = (self.state(), Instant::now());
        state.quiet_since = now;
        state.requests.values_mut().flatten().for_each(|taken| *taken = now);
    }

    /// Whether the head of a request has begun to come and is not there yet.
    pub(super) fn is_head_coming(&self) -> bool {
        self.state().head_since.is_some()
    }

    /// Waits until the connection is over.
    pub(super) async fn over(&self) -> Over {
        loop {
            match self.look(Instant::now()) {
                ControlFlow::Break(over) => return over,
                ControlFlow::Continue(again) => sleep_until(again).await,
            }
        }
    }

    /// Waits until no request is worked on and nothing was taken of any answer for [`SLOWEST`], from now on.
    pub(super) async fn at_rest(&self) {
        let begun = Instant::now();
        loop {
            let (last, now) = (self.last_taken(), Instant::now());
            let again = last.map_or(now, |last| last.max(begun)) + SLOWEST;
            if last.is_some() && again <= now {
                return;
            }
            sleep_until(again).await;
        }
    }

    /// Whether it is over at `now`; else when to look again.
    fn look(&self, now: Instant) -> ControlFlow<Over, Instant> {
        let state = self.state();
        let is_quiet = state.requests.is_empty() && state.head_since.is_none();
        let untaken = state.requests.values().copied().flatten().min();
        // What begins after now is not over before the shortest of these times.
        let mut again = now + SLOWEST;
        for (since, most, over) in [
            (state.head_since, SLOWEST, Over::SlowHead),
            (untaken, LONGEST_WRITE, Over::Untaken),
            (is_quiet.then_some(state.quiet_since), self.idle, Over::Idle),
        ] {
            let Some(end) = since.map(|since| since + most) else { continue };
            if end <= now {
                return ControlFlow::Break(over);
            }
            again = again.min(end);
        }
        ControlFlow::Continue(again)
    }

    /// When something was last taken of an answer; `None` while a request is worked on.
    fn last_taken(&self) -> Option<Instant> {
        let state = self.state();
        let mut last = state.quiet_since;
        for taken in state.requests.values() {
            last = last.max((*taken)?);
        }
        Some(last)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// The answer is there, or its next part is asked for: what came before it was taken.
    pub(super) fn taken(&self) {
        self.activity.state().requests.insert(self.number, Some(Instant::now()));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.requests.remove(&self.number);
        if state.requests.is_empty() {
            state.quiet_since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    const IDLE: Duration = Duration::from_mins(2);

    /// After how long a connection is over, and why.
    async fn over(activity: &Activity) -> (Duration, Over) {
        let begun = Instant::now();
        let over = activity.over().await;
        (begun.elapsed(), over)
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_nothing_is_idle_and_who_is_being_answered_is_not() {
        let activity = Activity::new(IDLE);
        let request = activity.begin();
        assert!(timeout(IDLE * 3, activity.over()).await.is_err());
        drop(request);
        assert_eq!(over(&activity).await, (IDLE, Over::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_that_waits_longest_counts() {
        let activity = Activity::new(IDLE);
        let (stuck, moving, _worked_on) = (activity.begin(), activity.begin(), activity.begin());
        stuck.taken();
        advance(Duration::from_secs(20)).await;
        moving.taken();
        assert_eq!(over(&activity).await, (Duration::from_secs(10), Over::Untaken));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_from_its_first_byte_and_an_empty_line_is_none() {
        let activity = Activity::new(IDLE);
        activity.came(b"\r\n");
        advance(Duration::from_mins(1)).await;
        activity.came(b"GET / HTTP/1.1\r\n");
        advance(Duration::from_secs(4)).await;
        activity.came(b"Host: x\r\n");
        assert_eq!(over(&activity).await, (Duration::from_secs(6), Over::SlowHead));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_behind_a_request_is_no_head_while_it_is_being_answered() {
        let activity = Activity::new(IDLE);
        activity.came(b"POST / HTTP/1.1\r\n\r\n");
        let request = activity.begin();
        activity.came(b"a body");
        drop(request);
        assert_eq!(over(&activity).await, (IDLE, Over::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn it_comes_to_rest_when_nothing_is_worked_on_and_nothing_taken_any_more() {
        let activity = Activity::new(IDLE);
        let (stuck, worked_on) = (activity.begin(), activity.begin());
        stuck.taken();
        assert!(timeout(IDLE, activity.at_rest()).await.is_err());
        worked_on.taken();
        let begun = Instant::now();
        activity.at_rest().await;
        assert_eq!(begun.elapsed(), SLOWEST);
    }
}
