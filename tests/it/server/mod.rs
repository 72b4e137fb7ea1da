//! How the relay is reached, and what changes while it runs.

mod acme;
mod authority;
mod certificates;
mod clients;
mod connect_proxy;
mod egress;
mod networks;
mod operator_listener;
mod reload;
mod service_manager;
mod sockets;
mod tls_client;
mod tls_ends;

use authority::Authority;
use tls_client::TlsClient;
