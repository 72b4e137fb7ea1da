//! What one attempt to push came to.

use std::time::Duration;

use super::Reason;
use crate::base::UnixMillis;

/// What a push-service adapter made of one attempt. It is a value: what follows from it is decided in
/// `delivery::verdict` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The push service took it.
    Accepted,
    /// The device token is dead. `since`: from when, where the push service says so; a token that was
    /// registered later than that is alive.
    TokenDead {
        /// The push service's name for it.
        reason: Reason,
        /// When the push service learned that the token is dead.
        since: Option<UnixMillis>,
    },
    /// This one token does not fit this app; nothing is retired. `try_other_environment`: the answer is
    /// also what a token of APNs' other environment gets.
    TokenNotForApp {
        /// The push service's name for it.
        reason: Reason,
        /// Worth one attempt in the other environment.
        try_other_environment: bool,
    },
    /// The answer is about us: our credential, our config, our project. The app's deliveries wait.
    AppHeld {
        /// The push service's name for it, or ours.
        reason: Reason,
    },
    /// It can never be accepted as it is.
    Rejected {
        /// The push service's name for it.
        reason: Reason,
    },
    /// The push service asks for patience, or failed itself.
    TryLater {
        /// The push service's name for it, or ours.
        reason: Reason,
        /// How long it wants us to wait, where it says so.
        after: Option<Duration>,
    },
    /// Nothing was sent: the app or its credential is held, or the push service fails or asked for rest, and
    /// another delivery is trying whether that has passed.
    NotAttempted {
        /// Why.
        reason: Reason,
        /// How long until somebody tries next.
        after: Duration,
        /// Whether it is about us: the app or its credential.
        held: bool,
    },
    /// The push service certainly did not take it (no connection, refused stream, a stream above the last
    /// one that a GOAWAY names): it may be repeated, and is not counted as an attempt answered.
    NotProcessed {
        /// What happened.
        reason: Reason,
        /// How long there will be no connection; `None`: it may be repeated at once.
        after: Option<Duration>,
    },
    /// The push service may have taken it: the connection broke, or the answer did not come in time.
    AnswerLost {
        /// What happened.
        reason: Reason,
        /// Nothing came within the time for an answer, on a connection that stands.
        silent: bool,
    },
}
