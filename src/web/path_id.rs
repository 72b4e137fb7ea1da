//! The one variable segment of a path, refused as the API refuses.
//!
//! The framework's own extractor answers in plain text; every refusal of ours is a problem document.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use super::Problem;

/// The id in a path, as text. What is no UTF-8 names nothing: 404.
#[derive(Debug)]
pub struct PathId(
    /// As it stands in the path, decoded.
    pub String,
);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem::no_such_path())
    }
}
