//! How a simulator is set up.
//!
//! Owns the knobs and their defaults; says nothing about how they are obeyed. Read next: `simulator`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::clock::Clock;

/// Everything that can be chosen before the start. The default listens on 127.0.0.1, port 0, for everything.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// Where the production APNs host listens.
    pub apns_production: SocketAddr,
    /// Where the sandbox APNs host listens.
    pub apns_sandbox: SocketAddr,
    /// Where the FCM send API listens.
    pub fcm: SocketAddr,
    /// Where the OAuth token endpoint listens.
    pub token: SocketAddr,
    /// Where the control API listens (plain HTTP, so keep it on loopback), if `control` is set.
    pub control_address: SocketAddr,
    /// Whether the control API is served at all. Default: false.
    pub control: bool,
    /// Whether requests are recorded and inboxes kept. Without it the simulator only counts, which is what a
    /// benchmark wants. Default: true.
    pub record: bool,
    /// How many requests, and how many pushes of one device, are kept; the oldest go first. Default: 100,000.
    pub record_limit: usize,
    /// Streams a client may have open on one HTTP/2 connection, once the connection has proved itself.
    /// Default: 1,000.
    pub max_concurrent_streams: u32,
    /// Whether an APNs connection allows one stream alone until its first success, as Apple's does with
    /// provider tokens. Default: true.
    pub one_stream_until_first_success: bool,
    /// Seconds that must lie between two provider tokens on one APNs connection. Default: 1,200.
    pub provider_token_gap_seconds: u64,
    /// Lifetime of the access tokens that the token endpoint gives out. Default: 3,599.
    pub access_token_seconds: u64,
    /// The RSA key of the service accounts, PKCS#8 in PEM (2048 bits or more). Absent: one is made when it is
    /// first needed, which takes a tenth of a second; tests that start many simulators share one.
    pub service_account_key: Option<String>,
    /// The clock that all rules about time are measured by. Default: the system's.
    pub clock: Clock,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        let any_port = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            apns_production: any_port,
            apns_sandbox: any_port,
            fcm: any_port,
            token: any_port,
            control_address: any_port,
            control: false,
            record: true,
            record_limit: 100_000,
            max_concurrent_streams: 1_000,
            one_stream_until_first_success: true,
            provider_token_gap_seconds: 20 * 60,
            access_token_seconds: 3_599,
            service_account_key: None,
            clock: Clock::system(),
        }
    }
}
