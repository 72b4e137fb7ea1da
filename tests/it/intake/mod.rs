//! Use cases against a real store, in an order that the network would give only by chance.

mod desk;
mod prove;
mod sealed;
mod senders;
