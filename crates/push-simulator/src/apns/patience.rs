//! How long APNs puts up with a connection that keeps sending what it has to refuse.
//!
//! Owns the count. Apple says that answers of 4xx slow a sender down and that too many close its connection,
//! soonest `BadDeviceToken`, and that 410 is no error ("Handling notification responses from APNs"); it gives no
//! figures, so the figures here are the simulator's own. What follows from them is `exchange`'s.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

/// What one `BadDeviceToken` costs; any other 4xx but 410 costs 1, and a success gives 1 back.
const BAD_TOKEN: u32 = 2;

/// The patience with one connection. It is used up between 0 and a limit that comes from the config.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    used: u32,
}

/// What an answer means for its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reaction {
    /// How much later the answer comes.
    pub(crate) delay: Duration,
    /// Whether the connection closes behind it.
    pub(crate) closes: bool,
}

impl Patience {
    /// Counts an answer. `limit` 0 is endless patience; above half of it each point delays the answer by `pause`.
    pub(crate) fn answered(&mut self, response: &Response<Bytes>, limit: u32, pause: Duration) -> Reaction {
        if limit == 0 {
            return Reaction::default();
        }
        match cost(response) {
            0 if response.status().is_success() => self.used = self.used.saturating_sub(1),
            cost => self.used = self.used.saturating_add(cost).min(limit),
        }
        let over_half = self.used.saturating_sub(limit / 2);
        Reaction { delay: pause * over_half, closes: self.used == limit }
    }
}

fn cost(response: &Response<Bytes>) -> u32 {
    let status = response.status();
    if !status.is_client_error() || status == StatusCode::GONE {
        return 0;
    }
    let body: Option<Value> = serde_json::from_slice(response.body()).ok();
    let is_bad_token = body.is_some_and(|body| body["reason"] == "BadDeviceToken");
    if is_bad_token { BAD_TOKEN } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(10);

    fn answer(status: u16, reason: &str) -> Response<Bytes> {
        let body = Bytes::from(format!(r#"{{"reason":"{reason}"}}"#));
        Response::builder().status(status).body(body).unwrap()
    }

    fn after(patience: &mut Patience, times: usize, status: u16, reason: &str) -> Reaction {
        (0..times).map(|_| patience.answered(&answer(status, reason), 8, PAUSE)).last().unwrap()
    }

    #[test]
    fn bad_tokens_use_patience_up_twice_as_fast_as_other_mistakes() {
        let (mut tokens, mut others) = (Patience::default(), Patience::default());
        assert!(!after(&mut tokens, 3, 400, "BadDeviceToken").closes);
        assert!(!after(&mut others, 7, 400, "BadPriority").closes);
        assert!(after(&mut tokens, 1, 400, "BadDeviceToken").closes);
        assert!(after(&mut others, 1, 400, "BadPriority").closes);
    }

    #[test]
    fn answers_come_later_once_half_the_patience_is_used() {
        let mut patience = Patience::default();
        assert_eq!(after(&mut patience, 4, 403, "Forbidden").delay, Duration::ZERO);
        assert_eq!(after(&mut patience, 2, 403, "Forbidden").delay, 2 * PAUSE);
    }

    #[test]
    fn gone_and_failures_of_the_server_cost_nothing_and_a_success_gives_back() {
        let mut patience = Patience::default();
        after(&mut patience, 7, 413, "PayloadTooLarge");
        assert!(!after(&mut patience, 50, 410, "Unregistered").closes);
        assert!(!after(&mut patience, 50, 503, "Shutdown").closes);
        after(&mut patience, 1, 200, "");
        assert!(!after(&mut patience, 1, 400, "BadTopic").closes);
    }

    #[test]
    fn without_a_limit_patience_is_endless() {
        let mut patience = Patience::default();
        for _ in 0..1000 {
            let reaction = patience.answered(&answer(400, "BadDeviceToken"), 0, PAUSE);
            assert_eq!(reaction, Reaction::default());
        }
    }
}
