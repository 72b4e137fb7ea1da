//! The adapters against simulated push services, over real TLS and HTTP/2.

mod breakers;
mod connections;
mod credentials;
mod forms;
mod load;
mod oracles;
mod outbound;
mod refusals;
pub(crate) mod rig;
mod time_to_live;
