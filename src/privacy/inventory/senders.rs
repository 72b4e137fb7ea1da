//! Senders and their credentials.

use super::{ALWAYS, Field, Reader, Stored};

const OF_SENDER: Field = Field {
    table: "senders",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    kept: "until the sender is erased",
    switched_on_by: ALWAYS,
    shown_to: &[Reader::Operator, Reader::ItsSender],
};

const OF_CREDENTIAL: Field = Field { table: "credentials", ..OF_SENDER };

pub(super) const FIELDS: &[Field] = &[
    Field {
        column: "id",
        what: "the sender's id, random",
        purpose: "apps name by it the server that they subscribe for",
        shown_to: &[Reader::Operator, Reader::ItsSender, Reader::ItsApp],
        ..OF_SENDER
    },
    Field {
        column: "name",
        what: "a name that the operator or the sender's administrator chose",
        purpose: "the operator tells senders apart",
        ..OF_SENDER
    },
    Field {
        column: "state",
        what: "active or suspended",
        purpose: "the operator can stop a sender",
        ..OF_SENDER
    },
    Field {
        column: "content_policy",
        what: "how strictly the sender wants readable content refused",
        purpose: "the strictest policy of operator, app and sender holds",
        ..OF_SENDER
    },
    Field {
        column: "created_day",
        what: "the day on which the sender was made",
        purpose: "the operator tells old senders from new ones",
        ..OF_SENDER
    },
    Field {
        column: "id",
        what: "the credential's id, random",
        purpose: "finds the credential that a request shows",
        ..OF_CREDENTIAL
    },
    Field {
        column: "sender",
        what: "whose it is",
        purpose: "a request acts for this sender",
        ..OF_CREDENTIAL
    },
    Field {
        column: "secret_hash",
        what: "SHA-256 of the credential's 256 random bits",
        purpose: "a request proves that it knows the secret",
        stored: Stored::Hash,
        shown_to: &[],
        ..OF_CREDENTIAL
    },
    Field {
        column: "scopes",
        what: "what it allows: notify, register, admin",
        purpose: "a leaked credential can do no more than it was made for",
        ..OF_CREDENTIAL
    },
    Field {
        column: "expires_at",
        what: "when it stops counting",
        purpose: "old credentials end by themselves",
        switched_on_by: "an expiry that was asked for when the credential was made",
        ..OF_CREDENTIAL
    },
    Field {
        column: "last_used_day",
        what: "the day on which it was last used",
        purpose: "shows which credentials can be removed; a day, so that it tells no habits",
        switched_on_by: "the first use",
        ..OF_CREDENTIAL
    },
];
