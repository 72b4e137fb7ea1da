//! The composition root: the only module that knows everybody.
//!
//! Joins intake and delivery by the queue of leases, spawns every task and ends them in the order in which
//! nothing is lost. Must not hold rules. Read next: `compose.rs`, what is joined to what; `relay.rs`, the life of
//! a relay.

mod accept;
mod acme;
mod activity;
mod answer;
mod bind;
mod certificate_watch;
mod client;
mod compose;
mod convert;
mod ending;
mod first_bytes;
mod listener;
mod live_config;
mod operator_routes;
mod passed_sockets;
mod patience;
mod relay;
mod reload;
mod serving;
mod state_watch;
mod tls;

pub use bind::Addresses;
pub use relay::{Relay, run};
