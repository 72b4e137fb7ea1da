//! FCM's HTTP v1 API and Google's OAuth token endpoint, as their pages describe them.
//!
//! Owns Google's rules and answers. Knows nothing of sockets, scripts and records: those are `exchange`'s and
//! `wire`'s. Written from Google's documents alone. Read next: `judge`, `oauth`.

pub(crate) mod accounts;
mod assertion;
mod error_body;
pub(crate) mod failure;
pub(crate) mod judge;
mod message;
pub(crate) mod oauth;
pub(crate) mod oauth_failure;
mod schema;
mod shape;
mod violation;
