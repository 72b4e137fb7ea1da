//! What senders are told of subscriptions that ended.

use super::{Field, Ground, Reader, Stored};

const OF_FEEDBACK: Field = Field {
    table: "feedback",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    ground: Ground::Service,
    kept: "until its sender acknowledged it, at most 30 days",
    switched_on_by: "a subscription that ended",
    shown_to: &[Reader::ItsSender],
    file: "src/storage/sqlite/feedback.rs",
};

pub(super) const FIELDS: &[Field] = &[
    Field {
        column: "seq",
        what: "the number of the row",
        purpose: "keeps entries in order",
        shown_to: &[],
        ..OF_FEEDBACK
    },
    Field {
        column: "id",
        what: "the entry's id, random",
        purpose: "the sender says by it how far it has read",
        ..OF_FEEDBACK
    },
    Field { column: "sender", what: "whose it is", purpose: "nobody else is told", ..OF_FEEDBACK },
    Field {
        column: "subscription",
        what: "the subscription that ended",
        purpose: "its sender forgets it",
        ..OF_FEEDBACK
    },
    Field {
        column: "ended",
        what: "unregistered, expired or removed",
        purpose: "the sender knows why",
        ..OF_FEEDBACK
    },
    Field {
        column: "day",
        what: "the day on which it ended",
        purpose: "erasing happens by itself",
        ..OF_FEEDBACK
    },
];
