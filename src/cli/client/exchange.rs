//! One request and its answer, before and after HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ClientError, Hop, problem};
use crate::base::Secret;

/// How long an answer is waited for: longer than the relay's own wait of 10 s by default, 60 s at most.
const PATIENCE: Duration = Duration::from_secs(75);

/// A request.
pub(crate) struct Exchange<'a> {
    /// Method.
    pub(crate) method: Method,
    /// Path and query, beginning with a slash.
    pub(crate) path: String,
    /// Bearer token.
    pub(crate) bearer: Option<&'a Secret<String>>,
    /// JSON body; empty for none.
    pub(crate) body: Bytes,
    /// How long the whole exchange may take.
    pub(crate) patience: Duration,
}

impl<'a> Exchange<'a> {
    /// `GET path`.
    #[must_use]
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), bearer: None, body: Bytes::new(), patience: PATIENCE }
    }

    /// `POST path` with `body` as JSON.
    #[must_use]
    pub(crate) fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("the bodies of this client are plain structs");
        Self::post_bytes(path, body.into())
    }

    /// `POST path` with a body that is JSON already, so that it can be sent again byte for byte.
    #[must_use]
    pub(crate) fn post_bytes(path: impl Into<String>, body: Bytes) -> Self {
        Self { method: Method::POST, body, ..Self::get(path) }
    }

    /// The same with a bearer token.
    #[must_use]
    pub(crate) fn by(self, bearer: &'a Secret<String>) -> Self {
        Self { bearer: Some(bearer), ..self }
    }

    /// The same with more or less patience.
    #[must_use]
    pub(crate) fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

/// An answer of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// When to come back, where it said so in seconds.
    pub(crate) retry_after: Option<Duration>,
    /// The body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// That it is an answer of success, without a document.
    pub(crate) fn done(&self, hop: &Hop) -> Result<(), ClientError> {
        if (200..300).contains(&self.status) { Ok(()) } else { Err(problem::refused(hop, self)) }
    }

    /// The document of a 2xx answer; everything else is the error that it is.
    pub(crate) fn document<T: DeserializeOwned>(self, hop: &Hop) -> Result<T, ClientError> {
        if !(200..300).contains(&self.status) {
            return Err(problem::refused(hop, &self));
        }
        // The parser's own message may quote the answer; line and column are enough.
        serde_json::from_slice(&self.body).map_err(|error| ClientError::NotUnderstood {
            hop: hop.clone(),
            problem: format!(
                "not the JSON of the protocol, near line {}, column {}",
                error.line(),
                error.column()
            ),
        })
    }
}
