//! HTTP plumbing that the doors share: problem documents, bodies, paths, queries, bearer tokens.
//!
//! Must not know a route, a use case or the store. Read next: [`crate::api`].

mod bearer;
mod body;
mod path_id;
mod problem;
mod query_of;

pub use bearer::bearer_token;
pub use body::{json_from, read_body};
pub use path_id::PathId;
pub use problem::{Problem, ProblemDocument};
pub use query_of::QueryOf;
