//! What is not hidden, said as plainly as what is: for `GET /v1/privacy` and the papers.
//!
//! `docs/THREAT_MODEL.md` says the same at length. Must stay true of every relay, whatever its config says.

/// What somebody learns all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotHidden {
    /// Who.
    pub from: &'static str,
    /// What.
    pub what: &'static str,
}

/// Every one.
pub const NOT_HIDDEN: &[NotHidden] = &[
    NotHidden {
        from: "The relay, while a notification passes",
        what: "It has to know which sender notifies which subscription and device token, when, how urgently, and how \
               long the sealed content is (one of five sizes). That it forgets this is a promise of this program, not of \
               mathematics.",
    },
    NotHidden {
        from: "The relay, where it seals",
        what: "It reads the content for the moment of sealing. Only an app that gave the relay a key allows that, the \
               device shows it, and a sender with the policy `sealed_only` never hands readable content over.",
    },
    NotHidden {
        from: "Apple or Google, whichever reaches the device",
        what: "App, device token, time, urgency, time to live, the size class of the sealed content, the app's \
               placeholder, the sender's reference, a random delivery id, that two collapse keys of one subscription are \
               equal; badge and sound where the app allows them. They know the device's owner from their own accounts.",
    },
    NotHidden {
        from: "Everybody on the way of `clear` content",
        what: "Relay and push service read it. It goes out only where operator, app and sender all allow it.",
    },
    NotHidden {
        from: "Who runs the machine",
        what: "Whatever is in the memory of the running relay: the operator's keys, device tokens, and content in the \
               moment in which the relay seals it. With the storage key, every device token in the database.",
    },
    NotHidden {
        from: "Who copies the database",
        what: "Names of senders, which subscription belongs to which registration and sender, days of last use, the \
               envelopes that wait, and what senders share of their usage. No token, no credential, no content.",
    },
    NotHidden {
        from: "The publisher of the app",
        what: "Who publishes the app can change it. This relay narrows what the publisher's servers see; it cannot \
               protect users from the app itself.",
    },
    NotHidden { from: "The network", what: "Times and sizes. There is no cover traffic." },
    NotHidden {
        from: "Two senders who compare notes",
        what: "Nothing that the relay gives them links two subscriptions of one device; the moment in which both end can.",
    },
];
