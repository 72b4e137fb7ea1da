//! Why a simulator did not start.

use std::io;
use std::net::SocketAddr;

/// What went wrong at the start. Nothing keeps running after it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as configured.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// A key or certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS settings were refused.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}
