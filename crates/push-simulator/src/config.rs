//! How a simulator is set up.
//!
//! Owns the knobs and their defaults; says nothing about how they are obeyed. Read next: `simulator`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::clock::Clock;
use crate::quotas::FcmQuotas;

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
    /// How many refusals of 4xx an APNs connection gets before it is closed with GOAWAY: `BadDeviceToken` counts
    /// twice, 410 not at all, and a success takes one back. From half of it on, answers come later. 0 is endless
    /// patience. Apple says that it does so and gives no figure. Default: 200.
    pub apns_patience: u32,
    /// How much later an answer comes for each refusal over half the patience. Default: 5 ms.
    pub apns_pause: Duration,
    /// Pushes to one device in a minute before APNs answers `TooManyRequests`; Apple gives no figure. Default:
    /// none.
    pub apns_device_per_minute: Option<u32>,
    /// How fast FCM lets itself be sent to. Default: as fast as one can; [`FcmQuotas::published`] is Google's.
    pub fcm_quotas: FcmQuotas,
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
            apns_patience: 200,
            apns_pause: Duration::from_millis(5),
            apns_device_per_minute: None,
            fcm_quotas: FcmQuotas::default(),
            access_token_seconds: 3_599,
            service_account_key: None,
            clock: Clock::system(),
        }
    }
}
