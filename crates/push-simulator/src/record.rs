//! One request as it came in, and what became of it.
//!
//! Read next: `journal`, which keeps the records.

use serde::{Deserialize, Serialize};

use crate::host::Host;

/// A recorded request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When its body was complete: unix milliseconds.
    pub at_ms: u64,
    /// The host it reached.
    pub host: Host,
    /// The connection it came on: numbers from 1 over all hosts of the simulator.
    pub connection: u64,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// All headers in the order of arrival, names in lower case; a value that is no text has replacement
    /// characters.
    pub headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 has replacement characters.
    pub body: String,
    /// What was answered; `None` where the request met silence.
    pub answer: Option<RecordedAnswer>,
    /// Whether the connection was broken before the answer could go out.
    pub answer_lost: bool,
}

impl Record {
    /// The first header of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The answer's status; `None` where the request met silence.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }
}

/// The answer to a recorded request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 has replacement characters.
    pub body: String,
}
