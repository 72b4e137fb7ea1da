//! Where a host listens.

use std::net::SocketAddr;

/// The address of one host of a simulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    address: SocketAddr,
    url: String,
}

impl Endpoint {
    pub(crate) fn new(scheme: &str, address: SocketAddr) -> Self {
        Self { address, url: format!("{scheme}://localhost:{}", address.port()) }
    }

    /// The socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Scheme, name and port without a path: `https://localhost:40001`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
