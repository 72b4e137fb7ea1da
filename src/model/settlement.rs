//! What follows from an attempt.

use super::{Environment, Outcome};
use crate::base::UnixMillis;

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It ended.
    Decided {
        /// How.
        outcome: Outcome,
        /// When.
        at: UnixMillis,
        /// What follows for its registration.
        effect: Effect,
    },
    /// It waits for another attempt.
    Postponed {
        /// Not before this.
        due: UnixMillis,
        /// Attempts so far.
        attempts: u32,
        /// Attempts so far whose answer was lost.
        answers_lost: u32,
    },
}

/// What an attempt tells about the registration that it was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The push service accepted it: the registration and the subscription are in use. `environment`: APNs
    /// took it in another environment than the registration says, which is remembered.
    Accepted {
        /// The environment that turned out to be the right one.
        environment: Option<Environment>,
    },
    /// The device token is dead: every registration that holds it is retired, but those that were registered
    /// again after `since`.
    Dead {
        /// When the push service learned that the token is dead; where it does not say, when it was asked.
        since: UnixMillis,
    },
}
