//! What senders share of their usage, each by the decision of its own administrator.

use super::{Field, Ground, Reader, Stored};

const OF_SHARING: Field = Field {
    table: "sharing",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    ground: Ground::Consent,
    kept: "until the category is switched off, the sender is erased, or the operator locks sharing off",
    switched_on_by: "the sender's administrator, by category (PUT /v1/senders/self/sharing)",
    shown_to: &[Reader::ItsSender],
    file: "src/storage/sqlite/sharing.rs",
};

const OF_VOLUME: Field = Field {
    table: "shared_volume",
    kept: "90 days by default ([sharing] keep_days), or until `volume` is switched off or its figures are deleted",
    switched_on_by: "the sender's administrator, with the category `volume`",
    shown_to: &[Reader::ItsSender, Reader::Operator],
    file: "src/storage/sqlite/shared_usage.rs",
    ..OF_SHARING
};

const OF_DEVICES: Field = Field {
    table: "shared_devices",
    kept: "90 days by default ([sharing] keep_days), or until `devices` is switched off or its figures are deleted",
    switched_on_by: "the sender's administrator, with the category `devices`",
    ..OF_VOLUME
};

const OF_SOFTWARE: Field = Field {
    table: "shared_software",
    kept: "90 days by default ([sharing] keep_days) after it was last seen, or until `software` is switched off or its \
           figures are deleted",
    switched_on_by: "the sender's administrator, with the category `software`",
    ..OF_VOLUME
};

pub(super) const FIELDS: &[Field] = &[
    Field {
        column: "sender",
        what: "whose decision it is",
        purpose: "it holds for that sender alone",
        ..OF_SHARING
    },
    Field {
        column: "category",
        what: "what is shared: volume, devices, software or contact",
        purpose: "nothing is recorded of what is not named here",
        ..OF_SHARING
    },
    Field {
        column: "wording",
        what: "the version of the words that were agreed to",
        purpose: "who agreed to other words did not agree to these",
        ..OF_SHARING
    },
    Field {
        column: "agreed_at",
        what: "when it was agreed to",
        purpose: "the administrator, and whoever asks the operator for it, can tell since when",
        ..OF_SHARING
    },
    Field {
        column: "address",
        what: "of the category `contact`: the e-mail address for incidents",
        purpose: "the operator writes to it when something happened",
        switched_on_by: "the sender's administrator, with the category `contact`",
        shown_to: &[Reader::ItsSender, Reader::Operator],
        ..OF_SHARING
    },
    Field {
        column: "sender",
        what: "whose deliveries are counted",
        purpose: "figures are by sender",
        ..OF_VOLUME
    },
    Field {
        column: "day",
        what: "the day on which they ended",
        purpose: "shows how usage changes; erasing happens by itself",
        ..OF_VOLUME
    },
    Field {
        column: "push_service",
        what: "apns or fcm",
        purpose: "shows which push service the figures are about",
        ..OF_VOLUME
    },
    Field {
        column: "outcome",
        what: "how they ended: accepted, gone, expired, rejected, replaced or withdrawn",
        purpose: "shows what goes well and what does not",
        ..OF_VOLUME
    },
    Field {
        column: "count",
        what: "how many deliveries ended so, to five devices at least ([sharing] least_devices)",
        purpose: "the figure that is shared",
        ..OF_VOLUME
    },
    Field {
        column: "sender",
        what: "whose subscriptions are counted",
        purpose: "figures are by sender",
        ..OF_DEVICES
    },
    Field {
        column: "day",
        what: "the day on which they were counted",
        purpose: "shows how usage changes; erasing happens by itself",
        ..OF_DEVICES
    },
    Field {
        column: "count",
        what: "how many subscriptions were in use, rounded down to a multiple of five ([sharing] least_devices)",
        purpose: "the figure that is shared",
        ..OF_DEVICES
    },
    Field { column: "sender", what: "whose software it is", purpose: "figures are by sender", ..OF_SOFTWARE },
    Field {
        column: "name",
        what: "the name of the server's software, from its User-Agent header",
        purpose: "the operator knows which software to care for",
        ..OF_SOFTWARE
    },
    Field {
        column: "version",
        what: "the version of it",
        purpose: "the operator knows which software to care for",
        ..OF_SOFTWARE
    },
    Field {
        column: "day",
        what: "the day on which it was last seen",
        purpose: "erasing happens by itself",
        ..OF_SOFTWARE
    },
];
