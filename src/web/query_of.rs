//! The query of a request, refused as the API refuses.
//!
//! The framework's own extractor answers in plain text; every refusal of ours is a problem document.

use axum::extract::{FromRequestParts, Query};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::Problem;

/// A query with the members of `T`, and no others where `T` denies unknown fields.
#[derive(Debug)]
pub struct QueryOf<T>(
    /// What it says.
    pub T,
);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(of)| Self(of)).map_err(|error| {
            let detail = format!("The query does not fit this call: {}.", error.body_text());
            Problem::new(StatusCode::BAD_REQUEST, "invalid_query", detail)
        })
    }
}
