//! By what the metrics are told apart: the labels of `telemetry::METRICS`, which a test holds against this list.
//!
//! By name and not by that type: privacy and telemetry are of one rank.

use super::{ALWAYS, Entry, EntryKind, Ground, Reader};

const LABEL: Entry = Entry {
    kind: EntryKind::MetricLabel,
    place: "metrics",
    name: "",
    what: "",
    purpose: "",
    stored: None,
    ground: Ground::Safety,
    kept: "in memory until the relay stops; then as long as whoever collects the metrics keeps them",
    switched_on_by: ALWAYS,
    shown_to: &[Reader::Operator],
    file: "src/telemetry/labels.rs",
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "route",
        what: "the name of a route, never a path",
        purpose: "tells which calls are slow or refused",
        ..LABEL
    },
    Entry { name: "status", what: "an HTTP status", purpose: "tells what is refused", ..LABEL },
    Entry {
        name: "form",
        what: "sealed by the sender, sealed by the relay, omitted or clear",
        purpose: "shows how much goes out sealed, over all senders",
        ..LABEL
    },
    Entry {
        name: "push_service",
        what: "APNs or FCM",
        purpose: "tells which one is slow or refuses",
        ..LABEL
    },
    Entry {
        name: "class",
        what: "what an attempt came to, from a closed list",
        purpose: "tells refusals from failures",
        ..LABEL
    },
    Entry {
        name: "outcome",
        what: "how deliveries ended, from a closed list",
        purpose: "shows that they arrive",
        ..LABEL
    },
    Entry {
        name: "app",
        what: "which of the operator's own apps; of the state of its credentials alone",
        purpose: "tells whose credential to mend",
        ..LABEL
    },
    Entry {
        name: "environment",
        what: "production or sandbox",
        purpose: "tells which of Apple's two",
        ..LABEL
    },
    Entry {
        name: "state",
        what: "the state of a credential, from a closed list",
        purpose: "tells which to mend",
        ..LABEL
    },
    Entry {
        name: "result",
        what: "whether a new token for a push service was had",
        purpose: "tells that the push service lets us in",
        ..LABEL
    },
    Entry {
        name: "limit",
        what: "the name of a limit, never who reached it",
        purpose: "tells which limit is too low, or attacked",
        ..LABEL
    },
    Entry {
        name: "version",
        what: "the release that runs",
        purpose: "tells which release shows what",
        ..LABEL
    },
    Entry {
        name: "le",
        what: "the upper edge of a histogram's bucket",
        purpose: "tells how times are spread",
        file: "src/telemetry/metrics.rs",
        ..LABEL
    },
];
