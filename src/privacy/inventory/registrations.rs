//! Registrations and subscriptions.

use super::{Field, Ground, Reader, Stored};

const OF_REGISTRATION: Field = Field {
    table: "registrations",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    ground: Ground::Service,
    kept: "until the app removes it, its push service says that the token is dead, or 270 days passed without a sign of \
           life (30 where it was never confirmed)",
    switched_on_by: "an app that registers",
    shown_to: &[Reader::ItsApp],
    file: "src/storage/sqlite/registrations.rs",
};

const OF_SUBSCRIPTION: Field = Field {
    table: "subscriptions",
    kept: "until it is removed, 90 days where it was never used, or with its registration or its sender",
    switched_on_by: "an app that subscribes for a sender",
    shown_to: &[Reader::ItsApp, Reader::ItsSender],
    ..OF_REGISTRATION
};

const OF_CODE: Field = Field {
    table: "codes",
    kept: "an hour after it was sent",
    switched_on_by: "an app that asks for the proof",
    shown_to: &[],
    ground: Ground::Safety,
    file: "src/storage/sqlite/confirmations.rs",
    ..OF_REGISTRATION
};

const OF_SEALED: Field = Field {
    table: "sealed_registrations",
    kept: "until 24 hours after the app made it, or with its sender",
    switched_on_by: "a sender that hands on a sealed registration",
    shown_to: &[Reader::ItsSender, Reader::ItsApp],
    file: "src/storage/sqlite/sealed.rs",
    ..OF_REGISTRATION
};

pub(super) const FIELDS: &[Field] = &[
    Field {
        column: "id",
        what: "the registration's id, random",
        purpose: "the app names it; senders never learn it",
        ..OF_REGISTRATION
    },
    Field {
        column: "app",
        what: "which of the operator's apps it is",
        purpose: "chooses the credentials for the push service",
        ..OF_REGISTRATION
    },
    Field {
        column: "push_service",
        what: "APNs or FCM",
        purpose: "chooses the way to the device",
        ..OF_REGISTRATION
    },
    Field {
        column: "environment",
        what: "production or sandbox",
        purpose: "APNs has a service for each",
        switched_on_by: "a device token of APNs",
        ..OF_REGISTRATION
    },
    Field {
        column: "token_kind",
        what: "standard or voip",
        purpose: "a PushKit token takes calls and nothing else",
        ..OF_REGISTRATION
    },
    Field {
        column: "device_token",
        what: "the push service's address of the device",
        purpose: "without it nothing reaches the device",
        stored: Stored::Encrypted,
        shown_to: &[Reader::PushService],
        ..OF_REGISTRATION
    },
    Field {
        column: "token_hash",
        what: "a keyed hash of app, push service and device token",
        purpose: "finds every registration of a token that is dead",
        stored: Stored::KeyedHash,
        shown_to: &[],
        ..OF_REGISTRATION
    },
    Field {
        column: "secret_hash",
        what: "SHA-256 of the registration's 256 random bits",
        purpose: "the app, and nobody else, reads, replaces and removes its registration",
        stored: Stored::Hash,
        shown_to: &[],
        ..OF_REGISTRATION
    },
    Field {
        column: "registered_at",
        what: "when the app last registered, replaced or confirmed the token",
        purpose: "a token that was registered after the push service called it dead is alive",
        ..OF_REGISTRATION
    },
    Field {
        column: "confirmed",
        what: "whether the device echoed a code that came through its push service",
        purpose: "nobody registers a device token that is not theirs",
        switched_on_by: "an app that asks for the proof",
        ..OF_REGISTRATION
    },
    Field {
        column: "confirm_tries",
        what: "how many wrong codes were echoed since the last code was sent, at most five",
        purpose: "nobody guesses a code",
        switched_on_by: "an app that asks for the proof",
        ..OF_REGISTRATION
    },
    Field {
        column: "accepted_day",
        what: "the day on which the push service last accepted a notification",
        purpose: "tells tokens that once worked from those that never did; a day, so that it tells no habits",
        switched_on_by: "the first notification that a push service accepts",
        ..OF_REGISTRATION
    },
    Field {
        column: "id",
        what: "the subscription's id, random, drawn by the device",
        purpose: "the sender names its target by it, and two senders cannot tell that they reach one device",
        ..OF_SUBSCRIPTION
    },
    Field {
        column: "registration",
        what: "the registration that it reaches",
        purpose: "leads to the device",
        shown_to: &[Reader::ItsApp],
        ..OF_SUBSCRIPTION
    },
    Field {
        column: "sender",
        what: "whose right it is",
        purpose: "no other sender may use it",
        ..OF_SUBSCRIPTION
    },
    Field {
        column: "created_day",
        what: "the day on which it was made",
        purpose: "tells new subscriptions from those that were never used",
        ..OF_SUBSCRIPTION
    },
    Field {
        column: "used",
        what: "whether a push service ever accepted a notification for it",
        purpose: "tells subscriptions in use from those that never were",
        ..OF_SUBSCRIPTION
    },
    Field {
        column: "relay_key",
        what: "the subscription's public key",
        purpose: "the relay seals for a sender that cannot",
        switched_on_by: "an app that asks the relay to seal for this subscription",
        ..OF_SUBSCRIPTION
    },
    Field {
        column: "token_hash",
        what: "a keyed hash of app, push service and device token",
        purpose: "no token gets a second code within the hour",
        stored: Stored::KeyedHash,
        ..OF_CODE
    },
    Field {
        column: "code_hash",
        what: "SHA-256 of the 128 random bits of the code",
        purpose: "the code that the device echoes is known again",
        stored: Stored::Hash,
        ..OF_CODE
    },
    Field {
        column: "sent_at",
        what: "when the code was sent",
        purpose: "it counts for 15 minutes, and the next one may follow after an hour",
        shown_to: &[Reader::ItsApp],
        ..OF_CODE
    },
    Field {
        column: "sender",
        what: "who handed it on",
        purpose: "its answer is this sender's alone",
        ..OF_SEALED
    },
    Field {
        column: "digest",
        what: "SHA-256 of the sealed bytes",
        purpose: "the same bytes get the same answer, and register nothing again",
        stored: Stored::Hash,
        shown_to: &[Reader::ItsSender],
        ..OF_SEALED
    },
    Field {
        column: "subscription",
        what: "the subscription that was answered",
        purpose: "it is the stored answer",
        ..OF_SEALED
    },
    Field {
        column: "keep_until",
        what: "24 hours after the app made it",
        purpose: "after that its age alone refuses it",
        ..OF_SEALED
    },
];
