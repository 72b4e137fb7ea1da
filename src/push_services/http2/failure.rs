//! Why a request has no answer, and whether the push service may have taken it.

use std::time::Duration;

use crate::model::{AttemptOutcome, Reason};

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::push_services) enum Failure {
    /// It certainly was not processed.
    NotProcessed(Reason),
    /// It may have been processed.
    AnswerLost(Reason),
    /// It may have been processed: nothing came back within the time for an answer.
    Silence(Reason),
    /// It was not sent, because no connection could be made.
    Unreachable(Reason),
    /// It was not sent, because the host failed a moment ago and is left alone for a while.
    BackingOff {
        /// How it failed.
        reason: Reason,
        /// How long it is still left alone.
        after: Duration,
    },
}

impl Failure {
    /// The failure of a stream that was handed to the connection.
    pub(super) fn of_stream(error: &h2::Error) -> Self {
        // RFC 9113, section 6.8: streams above the last one that a GOAWAY names were not processed, whatever
        // its error code. h2 ends exactly those streams with the peer's GOAWAY; those below it end with the
        // connection.
        if error.is_go_away() && error.is_remote() {
            return Self::NotProcessed(Reason::ours("connection_going_away"));
        }
        // RFC 9113, section 8.7: REFUSED_STREAM says that nothing was processed.
        if error.is_reset() && error.is_remote() && error.reason() == Some(h2::Reason::REFUSED_STREAM) {
            return Self::NotProcessed(Reason::ours("stream_refused"));
        }
        let reason = if error.is_reset() { "stream_reset" } else { "connection_broken" };
        Self::AnswerLost(Reason::ours(reason))
    }

    /// The failure of a request that the connection did not take.
    pub(super) fn unsent() -> Self {
        Self::NotProcessed(Reason::ours("connection_ended"))
    }
}

impl From<Failure> for AttemptOutcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotProcessed(reason) | Failure::Unreachable(reason) => {
                Self::NotProcessed { reason, after: None }
            }
            Failure::AnswerLost(reason) => Self::AnswerLost { reason, silent: false },
            Failure::Silence(reason) => Self::AnswerLost { reason, silent: true },
            Failure::BackingOff { reason, after } => Self::NotProcessed { reason, after: Some(after) },
        }
    }
}
