//! HTTP/2 connections to push services, shared by both adapters.
//!
//! Owns when a connection is opened, how many requests it carries, when it is pinged, and what a failure
//! says about the request. Must not know what APNs or FCM say.
//!
//! It stands on `h2`, the crate under hyper's own HTTP/2: hyper's client does not let its user ping a
//! connection before using it again, queues requests without bound, and hides why a stream failed, which
//! decides here whether a notification may be sent twice. Read next: `pool.rs`.

mod answer;
mod connection;
mod driver;
mod failure;
mod gauge;
mod goodbye;
mod pool;
mod rules;
#[cfg(test)]
mod tests;

pub(super) use answer::Answer;
pub(super) use failure::Failure;
pub(super) use pool::Pool;
pub(super) use rules::Rules;
