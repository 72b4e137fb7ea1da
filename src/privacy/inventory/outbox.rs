//! What was promised and is not decided, and how it ended.

use super::{Field, Ground, Reader, Stored};

const OF_NOTIFICATION: Field = Field {
    table: "notifications",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    ground: Ground::Service,
    kept: "24 hours by default, 0 possible; longer only while one of its deliveries waits",
    switched_on_by: "a term for outcomes above 0, or a delivery that waits",
    shown_to: &[Reader::ItsSender],
    file: "src/storage/sqlite/notification_rows.rs",
};

const OF_DELIVERY: Field = Field {
    table: "deliveries",
    kept: "until the delivery is decided, at most for its time to live",
    switched_on_by: "a delivery that was not decided while its sender waited, or whose sender does not wait",
    shown_to: &[Reader::ItsSender, Reader::ItsApp],
    file: "src/storage/sqlite/delivery_rows.rs",
    ..OF_NOTIFICATION
};

const OF_CONTENT: Field = Field {
    kept: "until the last delivery that shares it is decided, at most for its time to live",
    switched_on_by: "readable content that operator, app and sender allow, for several targets that wait",
    file: "src/storage/sqlite/contents.rs",
    ..OF_DELIVERY
};

pub(super) const FIELDS: &[Field] = &[
    Field {
        column: "seq",
        what: "the number of the row",
        purpose: "deliveries refer to it",
        shown_to: &[],
        ..OF_NOTIFICATION
    },
    Field {
        column: "sender",
        what: "whose it is",
        purpose: "nobody else is told its outcomes",
        ..OF_NOTIFICATION
    },
    Field {
        column: "id",
        what: "the notification's id, drawn by the sender",
        purpose: "a repeated request gets the first one's answer",
        ..OF_NOTIFICATION
    },
    Field {
        column: "body_hash",
        what: "a keyed hash of the request's body",
        purpose: "the same id with another body is refused",
        stored: Stored::KeyedHash,
        shown_to: &[],
        ..OF_NOTIFICATION
    },
    Field {
        column: "accepted_at",
        what: "when the relay accepted it",
        purpose: "its time to live counts from then",
        ..OF_NOTIFICATION
    },
    Field {
        column: "keep_until",
        what: "when its outcomes are erased",
        purpose: "erasing happens by itself",
        ..OF_NOTIFICATION
    },
    Field {
        column: "outcomes",
        what: "for each target that ended: subscription, form, outcome, time, and the reason",
        purpose: "the sender learns what became of it",
        ..OF_NOTIFICATION
    },
    Field {
        column: "seq",
        what: "the number of the row",
        purpose: "names the delivery in the store",
        shown_to: &[],
        ..OF_DELIVERY
    },
    Field {
        column: "notification",
        what: "the notification that it belongs to",
        purpose: "its outcome is added there",
        ..OF_DELIVERY
    },
    Field {
        column: "id",
        what: "the delivery's id, random",
        purpose: "the device drops what comes twice",
        shown_to: &[Reader::PushService, Reader::ItsSender, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field { column: "subscription", what: "where it goes", purpose: "leads to the device", ..OF_DELIVERY },
    Field { column: "sender", what: "whose it is", purpose: "every sender gets its turn", ..OF_DELIVERY },
    Field {
        column: "way",
        what: "the app, push service and environment that it goes through",
        purpose: "what waits for one that is held is in nobody's way",
        ..OF_DELIVERY
    },
    Field {
        column: "kind",
        what: "alert, background or voip",
        purpose: "what the device shall do",
        shown_to: &[Reader::PushService, Reader::ItsSender, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field {
        column: "urgency",
        what: "very-low, low, normal or high",
        purpose: "how soon the device should be woken",
        shown_to: &[Reader::PushService, Reader::ItsSender, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field {
        column: "ttl",
        what: "how long it is worth sending",
        purpose: "what is too old is not sent",
        shown_to: &[Reader::PushService, Reader::ItsSender, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field {
        column: "collapse",
        what: "a keyed hash of the collapse key, under a key of its own for every subscription",
        purpose: "a newer notification takes the place of an older one",
        stored: Stored::KeyedHash,
        switched_on_by: "a collapse key in the request",
        shown_to: &[Reader::PushService],
        ..OF_DELIVERY
    },
    Field {
        column: "badge",
        what: "the number on the app's icon",
        purpose: "the system draws it",
        switched_on_by: "a badge in the request, where the app allows it",
        shown_to: &[Reader::PushService, Reader::ItsSender, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field {
        column: "sound",
        what: "the name of a sound in the app",
        purpose: "the system plays it",
        switched_on_by: "a sound in the request, where the app allows it",
        shown_to: &[Reader::PushService, Reader::ItsSender, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field {
        column: "due_at",
        what: "not before when it is tried",
        purpose: "push services ask for patience",
        ..OF_DELIVERY
    },
    Field {
        column: "ends_at",
        what: "when it stops being worth sending",
        purpose: "it ends then, whatever it waits for",
        ..OF_DELIVERY
    },
    Field { column: "attempts", what: "attempts so far", purpose: "pauses grow with them", ..OF_DELIVERY },
    Field {
        column: "answers_lost",
        what: "attempts whose answer was lost",
        purpose: "such a delivery is tried once more, not for ever",
        ..OF_DELIVERY
    },
    Field {
        column: "leased_until",
        what: "until when one process may try it",
        purpose: "nobody else tries it at the same time",
        switched_on_by: "an attempt that is under way or ahead",
        ..OF_DELIVERY
    },
    Field {
        column: "form",
        what: "sealed by the sender, sealed by the relay, omitted or clear",
        purpose: "the sender can prove what went out",
        ..OF_DELIVERY
    },
    Field {
        column: "payload",
        what: "the envelope; of omitted content the sender's reference; of clear content its ciphertext",
        purpose: "what the device is to get",
        stored: Stored::Envelope,
        shown_to: &[Reader::PushService, Reader::ItsApp],
        ..OF_DELIVERY
    },
    Field {
        table: "contents",
        column: "notification",
        what: "the notification that it belongs to",
        purpose: "several deliveries share it",
        ..OF_CONTENT
    },
    Field {
        table: "contents",
        column: "content",
        what: "the ciphertext of readable content that goes to several targets",
        purpose: "what the devices are to get",
        stored: Stored::Encrypted,
        shown_to: &[Reader::PushService, Reader::ItsApp],
        ..OF_CONTENT
    },
];
