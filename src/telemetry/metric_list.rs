//! Every metric by name: what `/metrics` shows, and what the documentation must list.

/// What kind of figure a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows; begins at zero with the process.
    Counter,
    /// How things are now.
    Gauge,
    /// How figures are spread.
    Histogram,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDescription {
    /// Its name at `/metrics`.
    pub name: &'static str,
    /// Its kind.
    pub kind: MetricKind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

const fn metric(
    name: &'static str,
    kind: MetricKind,
    labels: &'static [&'static str],
    help: &'static str,
) -> MetricDescription {
    MetricDescription { name, kind, labels, help }
}

use MetricKind::{Counter, Gauge, Histogram};

/// Every metric, in the order of `/metrics`. None counts per sender or device: the operator sees
/// totals. Apps are the operator's own, and only the state of their credentials is shown by app.
pub const METRICS: [MetricDescription; 31] = [
    metric("sealpush_requests_total", Counter, &["route", "status"], "Requests answered"),
    metric(
        "sealpush_request_seconds",
        Histogram,
        &["route"],
        "From the first byte of a request to the end of its answer",
    ),
    metric("sealpush_targets_total", Counter, &["form"], "Targets taken in, by the form of their content"),
    metric(
        "sealpush_attempts_total",
        Counter,
        &["push_service", "class"],
        "Attempts at a push service, by what they came to",
    ),
    metric(
        "sealpush_push_seconds",
        Histogram,
        &["push_service"],
        "One attempt, from the request to the push service's answer",
    ),
    metric(
        "sealpush_outcomes_total",
        Counter,
        &["push_service", "outcome", "form"],
        "Deliveries that ended by an attempt",
    ),
    metric(
        "sealpush_ended_without_attempt_total",
        Counter,
        &["outcome"],
        "Deliveries that ended in the outbox: withdrawn, replaced, or with their subscription or sender",
    ),
    metric(
        "sealpush_repeated_total",
        Counter,
        &["push_service"],
        "Deliveries attempted again because an answer was lost: a device may see these twice",
    ),
    metric(
        "sealpush_admission_seconds",
        Histogram,
        &[],
        "From the body of a submission to its first attempt, or to its being durable",
    ),
    metric(
        "sealpush_queue_seconds",
        Histogram,
        &[],
        "From a notification's acceptance to the first attempt of a delivery",
    ),
    metric(
        "sealpush_delivery_seconds",
        Histogram,
        &["push_service"],
        "From a notification's acceptance to a delivery's outcome",
    ),
    metric("sealpush_connections", Gauge, &[], "Connections of senders and apps"),
    metric(
        "sealpush_connections_refused_total",
        Counter,
        &[],
        "Connections closed because their network had as many as one may",
    ),
    metric("sealpush_bytes_in_flight", Gauge, &[], "Bytes of bodies that the relay holds now"),
    metric("sealpush_outbox_pending", Gauge, &[], "Deliveries that wait in the outbox"),
    metric("sealpush_outbox_bytes", Gauge, &[], "The bytes that they take in the store, about"),
    metric(
        "sealpush_outbox_oldest_seconds",
        Gauge,
        &[],
        "How long the oldest delivery in the outbox has waited",
    ),
    metric("sealpush_queue_depth", Gauge, &[], "Leases in memory that no attempt has begun for"),
    metric("sealpush_push_connections", Gauge, &["push_service"], "Open connections to a push service"),
    metric("sealpush_push_streams", Gauge, &["push_service"], "Requests under way at a push service"),
    metric(
        "sealpush_credentials_held",
        Gauge,
        &["push_service"],
        "Credentials that the push service refuses; their apps' deliveries wait",
    ),
    metric(
        "sealpush_credential_state",
        Gauge,
        &["app", "push_service", "environment", "state"],
        "1 for the state that a credential of the operator's own app is in, 0 for the others",
    ),
    metric(
        "sealpush_token_refreshes_total",
        Counter,
        &["push_service", "result"],
        "New tokens that requests to a push service are authorised by: had, or not had (failed)",
    ),
    metric("sealpush_registrations", Gauge, &[], "Registrations that exist"),
    metric("sealpush_subscriptions", Gauge, &[], "Subscriptions that exist"),
    metric(
        "sealpush_certificate_ends_seconds",
        Gauge,
        &[],
        "When the first of the relay's own certificates ends, in Unix time; 0 where it has none",
    ),
    metric(
        "sealpush_certificate_problems",
        Gauge,
        &[],
        "Listeners whose newest certificate cannot be used, or could not be had",
    ),
    metric("sealpush_store_errors_total", Counter, &[], "Failures of the database"),
    metric(
        "sealpush_rate_limited_total",
        Counter,
        &["limit"],
        "What was refused because a limit was reached",
    ),
    metric(
        "sealpush_rate_limit_keys",
        Gauge,
        &["limit"],
        "Senders, subscriptions or networks of which a limit remembers something now",
    ),
    metric("sealpush_build_info", Gauge, &["version"], "Always 1; the label names the release"),
];
