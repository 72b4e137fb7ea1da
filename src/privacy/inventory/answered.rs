//! The headers of the relay's answers. A test holds every answer that any test gets against this list.

use super::{ALWAYS, Entry, EntryKind, Ground, Reader};

const ANSWERED: Entry = Entry {
    kind: EntryKind::Answered,
    place: "answers",
    name: "",
    what: "",
    purpose: "",
    stored: None,
    ground: Ground::Service,
    kept: "not at all by the relay",
    switched_on_by: ALWAYS,
    shown_to: &[Reader::Anyone],
    file: "src/web/manners.rs",
};

const FOR_SAFETY: Entry = Entry { ground: Ground::Safety, ..ANSWERED };

const OF_LIMITS: Entry = Entry {
    switched_on_by: "an answer to a sender, or a limit that is reached",
    shown_to: &[Reader::ItsSender, Reader::Anyone],
    file: "src/web/rate_limit_headers.rs",
    ..FOR_SAFETY
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "content-type",
        what: "what the body is",
        purpose: "HTTP asks for it",
        file: "src/web/problem.rs",
        ..ANSWERED
    },
    Entry {
        name: "content-length",
        what: "how long it is",
        purpose: "HTTP asks for it",
        file: "src/server/accept.rs",
        ..ANSWERED
    },
    Entry {
        name: "date",
        what: "the time, in seconds",
        purpose: "HTTP asks for it",
        file: "src/server/accept.rs",
        ..ANSWERED
    },
    Entry {
        name: "connection",
        what: "that the connection ends behind this answer",
        purpose: "the client does not wait for more",
        file: "src/web/unread.rs",
        ..ANSWERED
    },
    Entry {
        name: "allow",
        what: "the methods of a path",
        purpose: "HTTP asks for it",
        switched_on_by: "a method that the path does not take",
        file: "src/api/routes.rs",
        ..ANSWERED
    },
    Entry {
        name: "location",
        what: "`/docs/`",
        purpose: "the page has one address",
        file: "src/api/docs.rs",
        ..ANSWERED
    },
    Entry {
        name: "vary",
        what: "that the answer depends on `Accept`",
        purpose: "a cache does not mistake a page for JSON",
        file: "src/api/privacy/mod.rs",
        ..ANSWERED
    },
    Entry {
        name: "www-authenticate",
        what: "`Bearer`",
        purpose: "HTTP asks for it",
        switched_on_by: "a credential that is missing or wrong",
        file: "src/web/problem.rs",
        ..ANSWERED
    },
    Entry {
        name: "request-id",
        what: "a random number of this answer",
        purpose: "sender and operator speak of one request; it is in the log only as the log's list says",
        ..FOR_SAFETY
    },
    Entry {
        name: "retry-after",
        what: "in how many seconds to come back",
        purpose: "nobody asks in vain",
        switched_on_by: "a limit that is reached, or a relay that cannot work now",
        file: "src/web/problem.rs",
        ..FOR_SAFETY
    },
    Entry {
        name: "ratelimit",
        what: "what is left of the limits",
        purpose: "nobody runs into one unwarned",
        ..OF_LIMITS
    },
    Entry {
        name: "ratelimit-policy",
        what: "what the limits are",
        purpose: "nobody runs into one unwarned",
        ..OF_LIMITS
    },
    Entry { name: "cache-control", what: "`no-store`", purpose: "no cache keeps an answer", ..FOR_SAFETY },
    Entry {
        name: "content-security-policy",
        what: "what a page may load: nothing from elsewhere",
        purpose: "browsers ask nobody else",
        ..FOR_SAFETY
    },
    Entry {
        name: "x-content-type-options",
        what: "`nosniff`",
        purpose: "browsers do not guess",
        ..FOR_SAFETY
    },
    Entry {
        name: "referrer-policy",
        what: "`no-referrer`",
        purpose: "browsers do not tell where they were",
        ..FOR_SAFETY
    },
    Entry {
        name: "strict-transport-security",
        what: "that the relay is reached over TLS alone",
        purpose: "browsers never try without",
        switched_on_by: "TLS that the relay ends itself",
        ..FOR_SAFETY
    },
];
