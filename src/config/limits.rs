//! `[limits]`: how much the relay takes, so that no one can use up what all share.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::rates::RatesText;
use super::source::Source;
use crate::model::Quotas;

/// Any number but none.
const SOME: RangeInclusive<u64> = 1..=1 << 50;

/// How much the relay takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long an answer to `wait: true` is held back for targets that are not decided.
    pub wait: Duration,
    /// How long a request may take to arrive, its body included.
    pub request: Duration,
    /// How long a stopping relay goes on with what it has begun.
    pub drain: Duration,
    /// The longest body of a request, in bytes.
    pub body_bytes: usize,
    /// The most bytes of all bodies at the same time.
    pub bytes_in_flight: usize,
    /// The most targets of one submission.
    pub targets: usize,
    /// The most connections at the same time, over all listeners.
    pub connections: usize,
    /// The most of them from one network of clients.
    pub address_connections: usize,
    /// The most deliveries attempted at the same time.
    pub in_flight: usize,
    /// How much may wait in the outbox.
    pub outbox: OutboxLimits,
    /// How often something may be done; what is not there is not limited.
    pub rates: Quotas,
}

/// How much may wait in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxLimits {
    /// Deliveries of all senders.
    pub deliveries: u64,
    /// Bytes of all senders.
    pub bytes: u64,
    /// Deliveries of one sender.
    pub sender_deliveries: u64,
    /// Bytes of one sender.
    pub sender_bytes: u64,
}

/// `[limits]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsText {
    wait_seconds: u64,
    request_seconds: u64,
    drain_seconds: u64,
    body_bytes: u64,
    bytes_in_flight: u64,
    targets: u64,
    connections: u64,
    address_connections: u64,
    in_flight: u64,
    outbox_deliveries: u64,
    outbox_bytes: u64,
    sender_outbox_deliveries: u64,
    sender_outbox_bytes: u64,
    rates: RatesText,
}

impl Default for LimitsText {
    fn default() -> Self {
        Self {
            wait_seconds: 10,
            request_seconds: 30,
            drain_seconds: 25,
            body_bytes: 5 * 1024 * 1024,
            bytes_in_flight: 256 * 1024 * 1024,
            targets: 1000,
            connections: 4096,
            address_connections: 256,
            in_flight: 4000,
            outbox_deliveries: 2_000_000,
            outbox_bytes: 4 * 1024 * 1024 * 1024,
            sender_outbox_deliveries: 500_000,
            sender_outbox_bytes: 1024 * 1024 * 1024,
            rates: RatesText::default(),
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
        let targets = count("targets", self.targets, 1..=1000)?;
        // Below this, a single largest envelope would not fit.
        let body_bytes = count("body_bytes", self.body_bytes, 16_384..=64 * 1024 * 1024)?;
        // An eighth is not for notifications: twice a body leaves room for one.
        let least = self.body_bytes * 2;
        Ok(Limits {
            wait: seconds("wait_seconds", self.wait_seconds, 1..=60)?,
            request: seconds("request_seconds", self.request_seconds, 1..=300)?,
            drain: seconds("drain_seconds", self.drain_seconds, 1..=300)?,
            body_bytes,
            bytes_in_flight: count("bytes_in_flight", self.bytes_in_flight, least..=u64::from(u32::MAX))?,
            targets,
            connections: count("connections", self.connections, 1..=1_000_000)?,
            address_connections: count("address_connections", self.address_connections, 1..=1_000_000)?,
            in_flight: count("in_flight", self.in_flight, 1..=1_000_000)?,
            outbox: OutboxLimits {
                // A request with as many targets as one may have must fit when nothing waits.
                deliveries: within("outbox_deliveries", self.outbox_deliveries, self.targets..=*SOME.end())?,
                bytes: within("outbox_bytes", self.outbox_bytes, SOME)?,
                sender_deliveries: within(
                    "sender_outbox_deliveries",
                    self.sender_outbox_deliveries,
                    self.targets..=*SOME.end(),
                )?,
                sender_bytes: within("sender_outbox_bytes", self.sender_outbox_bytes, SOME)?,
            },
            rates: self.rates.check(source, targets)?,
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
# The longest body of a request.
# body_bytes = {}
# The most bytes of all bodies at the same time; what is over it is told to come back. An eighth of it is for what
# is no notification, and one sender may have a quarter of the rest. At least twice body_bytes.
# bytes_in_flight = {}
# The most targets of one submission, up to 1000.
# targets = {}
# The most connections at the same time, and the most of them from one IPv4 address or IPv6 /64. Trusted proxies, Unix
# sockets and this machine itself may have all; who else would have more is closed.
# connections = {}
# address_connections = {}
# The most deliveries attempted at the same time.
# in_flight = {}
# How much may wait in the outbox, of all senders and of one: deliveries, and the bytes that they take on the disk.
# What is over it is told to come back; what was promised is kept.
# outbox_deliveries = {}
# outbox_bytes = {}
# sender_outbox_deliveries = {}
# sender_outbox_bytes = {}

{}",
            self.wait_seconds,
            self.request_seconds,
            self.drain_seconds,
            self.body_bytes,
            self.bytes_in_flight,
            self.targets,
            self.connections,
            self.address_connections,
            self.in_flight,
            self.outbox_deliveries,
            self.outbox_bytes,
            self.sender_outbox_deliveries,
            self.sender_outbox_bytes,
            RatesText::example()
        )
    }
}
