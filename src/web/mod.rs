//! HTTP plumbing that the doors share: problem documents, bodies, bearer tokens.
//!
//! Must not know a route, a use case or the store. Read next: [`crate::api`].

mod bearer;
mod body;
mod problem;

pub use bearer::bearer_token;
pub use body::{json_from, read_body};
pub use problem::Problem;
