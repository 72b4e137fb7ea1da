//! From a Lease to its Settlement: the way behind the outbox.
//!
//! Owns when an attempt is made, by how many at once, and what follows from its outcome. Must not know who
//! asked (intake) or how a push service words its answers (`push_services`); meets intake only in the outbox.
//! Read next: `verdict.rs`, the rules; then `dispatcher.rs`.

mod attempt;
mod dispatcher;
mod settler;
mod tried_elsewhere;
mod turns;
mod verdict;

pub use dispatcher::{Dispatcher, DispatcherLimits};
pub use settler::Settler;
