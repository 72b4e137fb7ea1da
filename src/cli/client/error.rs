//! What goes wrong between this program and another one. Every text names the hop.

use std::time::Duration;

use super::Hop;

/// An exchange that did not come to an answer of success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// No connection.
    #[error("cannot connect to {hop}: {error}. Is it running, and is the address right?")]
    Connect {
        /// Whom to.
        hop: Hop,
        /// What the system said.
        error: std::io::Error,
    },
    /// A connection, and no agreement on TLS.
    #[error(
        "{hop} does not prove who it is (TLS: {error}). If it uses a certificate authority of its own, name that \
         one's certificate as `ca_file`, or with --ca"
    )]
    Tls {
        /// Whom to.
        hop: Hop,
        /// What TLS said.
        error: std::io::Error,
    },
    /// Nothing came in time.
    #[error("{hop} did not answer within {} seconds", .after.as_secs())]
    TimedOut {
        /// Whom to.
        hop: Hop,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection broke before the whole answer was there: the request may have been done or not.
    #[error("the connection to {hop} broke before its answer was there: {error}")]
    Broken {
        /// Whom to.
        hop: Hop,
        /// What HTTP said.
        error: hyper::Error,
    },
    /// An answer that says no.
    #[error("{hop} refused ({status}{}): {detail}{}", code_shown(.code), place_shown(.pointer))]
    Refused {
        /// Who said no.
        hop: Hop,
        /// HTTP status.
        status: u16,
        /// The stable code of its problem document, or empty.
        code: String,
        /// Its sentence.
        detail: String,
        /// Where in the request, as a JSON pointer, or empty.
        pointer: String,
        /// When to come back.
        retry_after: Option<Duration>,
    },
    /// An answer that is not what the protocol says.
    #[error("{hop} gave an answer that this client does not understand: {problem}")]
    NotUnderstood {
        /// Who answered.
        hop: Hop,
        /// What is wrong with it.
        problem: String,
    },
    /// An answer about other things than were asked. Never to be taken for a success.
    #[error(
        "{hop} answered about something else than it was asked: {problem}. Nothing of this answer is believed; \
         the relay, or whoever stands before it, is broken or dishonest"
    )]
    NotAsked {
        /// Who answered.
        hop: Hop,
        /// What does not belong to the question.
        problem: String,
    },
}

fn code_shown(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(", {code}") }
}

fn place_shown(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" (at {pointer} of the request)") }
}

/// Whether the same request, with the same ids, may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TryAgain {
    /// It will not.
    Never,
    /// After a pause of one's own choice.
    Soon,
    /// Not before this.
    After(Duration),
}

impl ClientError {
    /// Whether to send the request again.
    pub(crate) fn try_again(&self) -> TryAgain {
        match self {
            Self::Connect { .. } | Self::TimedOut { .. } | Self::Broken { .. } => TryAgain::Soon,
            // 429 and 503 carry Retry-After; 502 and 504 are a reverse proxy's words for a relay that restarts.
            Self::Refused { status: 429 | 502 | 503 | 504, retry_after, .. } => {
                retry_after.map_or(TryAgain::Soon, TryAgain::After)
            }
            Self::Tls { .. } | Self::Refused { .. } | Self::NotUnderstood { .. } | Self::NotAsked { .. } => {
                TryAgain::Never
            }
        }
    }
}
