//! Senders that were suspended or erased since this process began.
//!
//! What waits in the database ends in the transaction that stops a sender; what waits in memory, because its sender
//! waits for the answer or it is leased already, is stopped by asking here before each attempt, without a query. This
//! process holds the database alone, so that what was stopped before it began has nothing in its memory.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::base::UnixMillis;
use crate::model::SenderId;

/// Senders some of whose deliveries are not attempted any more.
#[derive(Default)]
pub(super) struct StoppedSenders(RwLock<HashMap<SenderId, Stop>>);

#[derive(Clone, Copy)]
struct Stop {
    at: UnixMillis,
    /// Since when it may go on again.
    goes_on: Option<Instant>,
}

/// For so long it is known that a sender that goes on was stopped. Nothing waits in memory as long.
const KEPT: Duration = Duration::from_hours(1);

impl StoppedSenders {
    /// Whether what `id` asked for at `accepted_at` is not to be sent: it is stopped, or was since then. Where the clock
    /// was set back behind a stop, nobody can tell what came before it.
    pub(super) fn stops(&self, id: SenderId, accepted_at: UnixMillis, now: UnixMillis) -> bool {
        let stops = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stops.get(&id).is_some_and(|stop| match stop.goes_on {
            None => true,
            Some(since) => since.elapsed() < KEPT && (accepted_at..=now).contains(&stop.at),
        })
    }

    /// It was suspended or erased at this time.
    pub(super) fn stop(&self, id: SenderId, at: UnixMillis) {
        let mut stops = self.0.write().unwrap_or_else(PoisonError::into_inner);
        stops.retain(|_, stop| stop.goes_on.is_none_or(|since| since.elapsed() < KEPT));
        stops.insert(id, Stop { at, goes_on: None });
    }

    /// It may go on; what it asked for before it was stopped has ended.
    pub(super) fn resume(&self, id: SenderId) {
        if let Some(stop) = self.0.write().unwrap_or_else(PoisonError::into_inner).get_mut(&id) {
            stop.goes_on = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_before_a_stop_is_not_sent_after_it() {
        let (stopped, sender) = (StoppedSenders::default(), SenderId::from_bytes([1; 16]));
        let stops = |accepted_at, now| stopped.stops(sender, UnixMillis(accepted_at), UnixMillis(now));
        assert!(!stops(5, 20));
        stopped.stop(sender, UnixMillis(10));
        assert!(stops(5, 20) && stops(15, 20));
        stopped.resume(sender);
        assert!(stops(5, 20) && !stops(15, 20));
        assert!(!stops(5, 8), "the clock was set back behind the stop");
    }
}
