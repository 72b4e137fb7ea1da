//! What is wrong with a send request, and where.
//!
//! Owns the two kinds of `INVALID_ARGUMENT`: the API front end's, which could not read the JSON as a message
//! and knows no FCM code, and FCM's own. Read next: `shape`, `message`.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::fcm::error_body::{bad_request, fcm_error, response};

/// A refused request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// The JSON is no message: the path of the field, and what is wrong.
    Unreadable { field: String, message: String },
    /// The message cannot be sent: the path of the field, and what is wrong.
    Invalid { field: String, message: String },
    /// The payload is over the limit: FCM answers so without details.
    TooBig,
}

impl Violation {
    /// A violation of the form.
    pub(crate) fn unreadable(field: &str, message: impl Into<String>) -> Self {
        Self::Unreadable { field: field.to_owned(), message: message.into() }
    }

    /// A violation of FCM's rules.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.into() }
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let (message, details) = match self {
            Self::Unreadable { field, message } => (message.as_str(), vec![bad_request(field, message)]),
            Self::Invalid { field, message } => {
                (message.as_str(), vec![fcm_error("INVALID_ARGUMENT"), bad_request(field, message)])
            }
            Self::TooBig => ("Android message is too big", Vec::new()),
        };
        response(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message, &details)
    }
}
