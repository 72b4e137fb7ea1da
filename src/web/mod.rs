//! HTTP plumbing that the doors share: manners of every answer, problem documents, bodies, paths, queries, bearer
//! tokens.
//!
//! Must not know a route, a use case or the store. Read next: [`crate::api`].

mod accept;
mod bearer;
mod body;
mod body_budget;
mod manners;
mod path_id;
mod problem;
mod query_of;
mod rate_limit_headers;
mod unread;

pub use accept::{Preferred, json_or_nothing, json_or_page};
pub use bearer::{bearer_in, bearer_token};
pub use body::{json_from, read_body};
pub use body_budget::{BodyBudget, Reserved};
pub use manners::with_manners;
pub use path_id::PathId;
pub use problem::{Problem, ProblemDocument};
pub use query_of::QueryOf;
pub use rate_limit_headers::show_rate_limits;
