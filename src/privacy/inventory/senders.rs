//! Senders and their credentials, invites, and operators' tokens.

use super::{ALWAYS, Field, Ground, Reader, Stored};

const OF_SENDER: Field = Field {
    table: "senders",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    ground: Ground::Service,
    kept: "until the sender is erased; one that joined an open relay and is not used, 90 days by default",
    switched_on_by: ALWAYS,
    shown_to: &[Reader::Operator, Reader::ItsSender],
    file: "src/storage/sqlite/senders.rs",
};

const OF_CREDENTIAL: Field = Field {
    table: "credentials",
    kept: "until it is removed, has expired, or the sender is erased",
    file: "src/storage/sqlite/credentials.rs",
    ..OF_SENDER
};

const OF_INVITE: Field = Field {
    table: "invites",
    kept: "until it has expired, is revoked, or was used an hour ago",
    switched_on_by: "the operator's making it",
    shown_to: &[Reader::Operator, Reader::ItsSender],
    file: "src/storage/sqlite/admission.rs",
    ..OF_SENDER
};

const OF_OPERATOR_TOKEN: Field = Field {
    table: "operator_tokens",
    kept: "until it is revoked or has expired",
    switched_on_by: "the operator's making it",
    shown_to: &[Reader::Operator],
    ground: Ground::Safety,
    file: "src/storage/sqlite/operator_tokens.rs",
    ..OF_SENDER
};

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
        column: "joined_openly",
        what: "whether it joined an open relay, without an invite",
        purpose: "such a sender is erased where nobody uses it",
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
    Field {
        column: "id",
        what: "the invite's id, random",
        purpose: "finds the invite whose code a server shows",
        ..OF_INVITE
    },
    Field {
        column: "secret_hash",
        what: "SHA-256 of the code's 256 random bits",
        purpose: "a server proves that it was given the code",
        stored: Stored::Hash,
        shown_to: &[],
        ..OF_INVITE
    },
    Field {
        column: "expires_at",
        what: "until when it can be used",
        purpose: "a code that was never used ends by itself",
        ..OF_INVITE
    },
    Field {
        column: "used_at",
        what: "when it was used",
        purpose: "it works once; who lost the answer can repeat the request for an hour",
        switched_on_by: "its use",
        ..OF_INVITE
    },
    Field {
        column: "sender",
        what: "the sender that it made",
        purpose: "a repeated request gets the same sender",
        switched_on_by: "its use",
        shown_to: &[Reader::ItsSender],
        ..OF_INVITE
    },
    Field {
        column: "credential",
        what: "that sender's first credential",
        purpose: "a repeated request replaces it where nobody has used it",
        switched_on_by: "its use",
        shown_to: &[Reader::ItsSender],
        ..OF_INVITE
    },
    Field {
        column: "id",
        what: "the token's id, random",
        purpose: "finds the token that a request shows; the audit log names it",
        ..OF_OPERATOR_TOKEN
    },
    Field {
        column: "secret_hash",
        what: "SHA-256 of the token's 256 random bits",
        purpose: "a request proves that it knows the secret",
        stored: Stored::Hash,
        shown_to: &[],
        ..OF_OPERATOR_TOKEN
    },
    Field {
        column: "role",
        what: "viewer or owner",
        purpose: "a token that only reads can change nothing",
        ..OF_OPERATOR_TOKEN
    },
    Field {
        column: "expires_at",
        what: "when it stops counting",
        purpose: "old tokens end by themselves",
        ..OF_OPERATOR_TOKEN
    },
    Field {
        column: "last_used_day",
        what: "the day on which it was last used",
        purpose: "shows which tokens can be revoked",
        switched_on_by: "the first use",
        ..OF_OPERATOR_TOKEN
    },
];
