//! What a line of the log may say: the closed list of `telemetry::LogField`, which a test holds against this one.
//!
//! By name and not by that type: privacy and telemetry are of one rank.

use super::{ALWAYS, Entry, EntryKind, Ground, Reader};

const IN_THE_LOG: Entry = Entry {
    kind: EntryKind::LogField,
    place: "log",
    name: "",
    what: "",
    purpose: "",
    stored: None,
    ground: Ground::Safety,
    kept: "as long as the operator keeps the log, which goes to standard error",
    switched_on_by: ALWAYS,
    shown_to: &[Reader::Operator],
    file: "src/telemetry/log_field.rs",
};

const OF_A_REQUEST: Entry = Entry {
    switched_on_by: "`[logs] access`, which is off by default",
    file: "src/web/manners.rs",
    ..IN_THE_LOG
};

const OF_A_FAILED_REQUEST: Entry = Entry {
    switched_on_by: "a request at which the relay itself failed, or `[logs] access`, which is off by default",
    ..OF_A_REQUEST
};

const OF_A_WAY: Entry = Entry {
    switched_on_by: "a push service that refuses an app's credential, fails, or is well again",
    file: "src/push_services/breaker/mod.rs",
    ..IN_THE_LOG
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "timestamp",
        what: "when the line was written",
        purpose: "tells when",
        file: "src/telemetry/logging.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "level",
        what: "error, warn, info, debug or trace",
        purpose: "tells what matters",
        file: "src/telemetry/logging.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "target",
        what: "the module of the source that says it; in JSON alone",
        purpose: "leads to the place in the source",
        file: "src/telemetry/logging.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "message",
        what: "a sentence from the source, of a reload with the settings that changed and of a bug with its place in the \
               source",
        purpose: "tells what happened",
        ..IN_THE_LOG
    },
    Entry {
        name: "request",
        what: "the random number that the answer to this request has too",
        purpose: "the operator finds the request that its sender names by the number",
        ..OF_A_FAILED_REQUEST
    },
    Entry {
        name: "route",
        what: "the route as the route table has it, without the ids in it",
        purpose: "tells what fails, is slow or refused",
        ..OF_A_FAILED_REQUEST
    },
    Entry {
        name: "status",
        what: "the HTTP status of the answer",
        purpose: "tells what is refused",
        ..OF_A_FAILED_REQUEST
    },
    Entry {
        name: "method",
        what: "the HTTP method, by name where it is known",
        purpose: "tells what was asked",
        ..OF_A_REQUEST
    },
    Entry {
        name: "seconds",
        what: "how long the answer took; of a clock that was set back, by how much",
        purpose: "the operator looks for what is slow",
        switched_on_by: "`[logs] access`, which is off by default; a clock that was set back",
        ..OF_A_REQUEST
    },
    Entry {
        name: "app",
        what: "which of the operator's apps",
        purpose: "tells whose credential to mend",
        ..OF_A_WAY
    },
    Entry { name: "push_service", what: "APNs or FCM", purpose: "tells who refuses", ..OF_A_WAY },
    Entry {
        name: "environment",
        what: "production or sandbox",
        purpose: "tells which of Apple's two",
        ..OF_A_WAY
    },
    Entry {
        name: "reason",
        what: "why a push service or a proxy refuses, from a closed list or as a word of letters and digits",
        purpose: "tells how it is mended",
        ..OF_A_WAY
    },
    Entry {
        name: "host",
        what: "a host that the config names",
        purpose: "tells which connection ended, and which way a proxy closes",
        switched_on_by: "a connection that its other end closed; a proxy that refuses; a certificate that was ordered",
        file: "src/push_services/http2/pool.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "listener",
        what: "an address of the relay's own, from the config",
        purpose: "tells where it listens, and whose certificate changed",
        file: "src/cli/serve.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "count",
        what: "how many, over all senders: rows that were moved, ended or freed",
        purpose: "tells how far upkeep is",
        file: "src/operator/sweep.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "error",
        what: "a failure of the database, a certificate or the config, in our own words",
        purpose: "tells what to mend",
        switched_on_by: "such a failure",
        file: "src/web/manners.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "version",
        what: "the release that runs",
        purpose: "the demo shows that its log is heard",
        switched_on_by: "`sealpush demo`; the relay itself never says it",
        file: "src/cli/demo/captured_log.rs",
        ..IN_THE_LOG
    },
    Entry {
        name: "signal",
        what: "the name of the signal that stops the relay",
        purpose: "tells who stopped it",
        switched_on_by: "a signal from the system",
        file: "src/cli/serve.rs",
        ..IN_THE_LOG
    },
];
