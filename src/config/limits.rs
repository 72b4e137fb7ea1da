//! `[limits]`: how much the relay takes, so that no one can use up what all share.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::source::Source;

/// How much the relay takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long an answer to `wait: true` is held back for targets that are not decided.
    pub wait: Duration,
    /// How long a request may take to arrive, its body included.
    pub request: Duration,
    /// How long a stopping relay goes on with what it has begun.
    pub drain: Duration,
    /// The longest body of a request, in bytes.
    pub body_bytes: usize,
    /// Bytes of request bodies in memory at the same time, over all senders.
    pub in_flight_bytes: usize,
    /// The most targets of one submission.
    pub targets: usize,
    /// The most connections at the same time, over all listeners.
    pub connections: usize,
    /// The most deliveries attempted at the same time.
    pub in_flight: usize,
    /// The most deliveries in the outbox; beyond, submissions are answered `503`.
    pub outbox_rows: u64,
    /// Failed authentications per minute, from one address prefix.
    pub failed_authentications_per_minute: u32,
    /// New registrations per hour, for one app from one address prefix.
    pub registrations_per_hour: u32,
}

/// `[limits]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsText {
    wait_seconds: u64,
    request_seconds: u64,
    drain_seconds: u64,
    body_bytes: u64,
    in_flight_bytes: u64,
    targets: u64,
    connections: u64,
    in_flight: u64,
    outbox_rows: u64,
    failed_authentications_per_minute: u64,
    registrations_per_hour: u64,
}

impl Default for LimitsText {
    fn default() -> Self {
        Self {
            wait_seconds: 10,
            request_seconds: 30,
            drain_seconds: 25,
            body_bytes: 5 * 1024 * 1024,
            in_flight_bytes: 256 * 1024 * 1024,
            targets: 1000,
            connections: 4096,
            in_flight: 4000,
            outbox_rows: 1_000_000,
            failed_authentications_per_minute: 30,
            registrations_per_hour: 600,
        }
    }
}

impl LimitsText {
    /// Checks every range.
    pub(super) fn check(&self, source: &Source<'_>) -> Result<Limits, ConfigError> {
        let within = |key: &str, value: u64, range: RangeInclusive<u64>| {
            if range.contains(&value) {
                return Ok(value);
            }
            let problem = format!("is {value}; it must be {} to {}", range.start(), range.end());
            Err(source.refuse(&format!("limits.{key}"), problem))
        };
        let seconds = |key: &str, value: u64, range| within(key, value, range).map(Duration::from_secs);
        let count = |key: &str, value: u64, range| {
            within(key, value, range).map(|value| usize::try_from(value).unwrap_or(usize::MAX))
        };
        let rate = |key: &str, value: u64| {
            within(key, value, 1..=1_000_000).map(|value| u32::try_from(value).unwrap_or(u32::MAX))
        };
        if self.in_flight_bytes < self.body_bytes {
            return Err(source.refuse(
                "limits.in_flight_bytes",
                format!("must be at least limits.body_bytes ({})", self.body_bytes),
            ));
        }
        Ok(Limits {
            wait: seconds("wait_seconds", self.wait_seconds, 1..=60)?,
            request: seconds("request_seconds", self.request_seconds, 1..=300)?,
            drain: seconds("drain_seconds", self.drain_seconds, 1..=300)?,
            // Below this, a single largest envelope would not fit.
            body_bytes: count("body_bytes", self.body_bytes, 16_384..=64 * 1024 * 1024)?,
            in_flight_bytes: count("in_flight_bytes", self.in_flight_bytes, 16_384..=1 << 40)?,
            targets: count("targets", self.targets, 1..=1000)?,
            connections: count("connections", self.connections, 1..=1_000_000)?,
            in_flight: count("in_flight", self.in_flight, 1..=1_000_000)?,
            outbox_rows: within("outbox_rows", self.outbox_rows, 1..=1_000_000_000)?,
            failed_authentications_per_minute: rate(
                "failed_authentications_per_minute",
                self.failed_authentications_per_minute,
            )?,
            registrations_per_hour: rate("registrations_per_hour", self.registrations_per_hour)?,
        })
    }

    /// The section of the example, with every default commented out.
    pub(super) fn example(&self) -> String {
        format!(
            "\
# How much the relay takes, so that no one can use up what all share. All optional.
[limits]
# How long the answer to `wait: true` is held back for targets that are not decided.
# wait_seconds = {}
# How long a request may take to arrive.
# request_seconds = {}
# How long a stopping relay goes on with what it has begun.
# drain_seconds = {}
# The longest body of a request, and of all bodies in memory together.
# body_bytes = {}
# in_flight_bytes = {}
# The most targets of one submission, up to 1000.
# targets = {}
# The most connections, and the most deliveries attempted, at the same time.
# connections = {}
# in_flight = {}
# The most deliveries that wait in the outbox; beyond, senders are answered 503.
# outbox_rows = {}
# From one IPv4 address or IPv6 /64: failed authentications, and new registrations for one app.
# failed_authentications_per_minute = {}
# registrations_per_hour = {}
",
            self.wait_seconds,
            self.request_seconds,
            self.drain_seconds,
            self.body_bytes,
            self.in_flight_bytes,
            self.targets,
            self.connections,
            self.in_flight,
            self.outbox_rows,
            self.failed_authentications_per_minute,
            self.registrations_per_hour
        )
    }
}
