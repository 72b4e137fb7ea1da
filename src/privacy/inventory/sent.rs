//! What goes to push services, and to where their access tokens are had: every header and member.
//!
//! Members are named by their path in the body. A test holds the requests of every test's relay against this list.

use super::{Entry, EntryKind, Ground, Reader};

const TO_APNS: Entry = Entry {
    kind: EntryKind::Sent,
    place: "APNs (Apple)",
    name: "",
    what: "",
    purpose: "",
    stored: None,
    ground: Ground::Service,
    kept: "by the relay until the answer is there; by Apple as its terms say",
    switched_on_by: "a notification to a device behind APNs",
    shown_to: &[Reader::PushService],
    file: "src/push_services/apns/request.rs",
};

const TO_FCM: Entry = Entry {
    place: "FCM (Google)",
    kept: "by the relay until the answer is there; by Google as its terms say",
    switched_on_by: "a notification to a device behind FCM",
    file: "src/push_services/fcm/request.rs",
    ..TO_APNS
};

const TO_TOKEN_ENDPOINT: Entry = Entry {
    place: "access tokens (Google)",
    switched_on_by: "an app with a service account for FCM",
    shown_to: &[Reader::TokenEndpoint],
    file: "src/push_services/fcm/token_endpoint.rs",
    ..TO_FCM
};

const OMITTED: &str = "a notification without content, or whose content was left out";
const OMITTED_OR_CLEAR: &str = "a notification that is not sealed";
const CLEAR: &str = "`clear_allowed` by operator, app and sender, and readable content";
const PROOF: &str = "a registration of an app that asks for the proof";

pub(super) const ENTRIES: &[Entry] = &[
    Entry { name: "path", what: "the device token", purpose: "the push service finds the device", ..TO_APNS },
    Entry {
        name: "authorization",
        what: "a token that is signed with the app's key, with team, key id and the time",
        purpose: "Apple lets the publisher in",
        file: "src/push_services/apns/authorization.rs",
        ..TO_APNS
    },
    Entry { name: "apns-topic", what: "the app's bundle id", purpose: "names the app", ..TO_APNS },
    Entry {
        name: "apns-push-type",
        what: "alert, background or voip",
        purpose: "what the device shall do",
        ..TO_APNS
    },
    Entry {
        name: "apns-priority",
        what: "10, 5 or 1, for the urgency",
        purpose: "how soon the device should be woken",
        ..TO_APNS
    },
    Entry {
        name: "apns-expiration",
        what: "when it stops being worth sending",
        purpose: "what is too old is not shown",
        ..TO_APNS
    },
    Entry {
        name: "apns-id",
        what: "the delivery's id, random",
        purpose: "the device drops what comes twice",
        ..TO_APNS
    },
    Entry {
        name: "apns-collapse-id",
        what: "a keyed hash of the collapse key, another one for every subscription",
        purpose: "a newer notification takes the place of an older one on the device",
        switched_on_by: "a collapse key in the request",
        ..TO_APNS
    },
    Entry {
        name: "aps.alert",
        what: "the app's placeholder, the same for all of its notifications",
        purpose: "without it the system shows nothing and does not let the app open the envelope",
        ..TO_APNS
    },
    Entry {
        name: "aps.mutable-content",
        what: "1",
        purpose: "the app may open the envelope before it is shown",
        ..TO_APNS
    },
    Entry {
        name: "aps.content-available",
        what: "1",
        purpose: "wakes the app without showing anything",
        switched_on_by: "a notification of kind `background`",
        ..TO_APNS
    },
    Entry {
        name: "aps.badge",
        what: "the number on the app's icon",
        purpose: "the system draws it",
        switched_on_by: "a badge in the request, where the app's setting allows it",
        ..TO_APNS
    },
    Entry {
        name: "aps.sound",
        what: "the name of a sound in the app",
        purpose: "the system plays it",
        switched_on_by: "a sound in the request, where the app's setting allows it",
        ..TO_APNS
    },
    Entry {
        name: "seal",
        what: "the envelope, which only the device opens; its length has five values",
        purpose: "what the user shall read",
        switched_on_by: "sealed content",
        ..TO_APNS
    },
    Entry {
        name: "form",
        what: "`omitted` or `clear`",
        purpose: "the app knows what to do",
        switched_on_by: OMITTED_OR_CLEAR,
        ..TO_APNS
    },
    Entry {
        name: "delivery",
        what: "the delivery's id, random",
        purpose: "the device drops what comes twice",
        switched_on_by: OMITTED_OR_CLEAR,
        ..TO_APNS
    },
    Entry {
        name: "reference",
        what: "up to 64 bytes of the sender's choice",
        purpose: "the app fetches the content by it from its own server",
        switched_on_by: OMITTED,
        ..TO_APNS
    },
    Entry {
        name: "title",
        what: "the title, readable",
        purpose: "what the user shall read, in an app that cannot open envelopes",
        switched_on_by: CLEAR,
        file: "src/push_services/clear_parts.rs",
        ..TO_APNS
    },
    Entry {
        name: "body",
        what: "the text, readable",
        purpose: "what the user shall read, in an app that cannot open envelopes",
        switched_on_by: CLEAR,
        file: "src/push_services/clear_parts.rs",
        ..TO_APNS
    },
    Entry {
        name: "data",
        what: "what the sender gave the app beside the text, readable",
        purpose: "the app knows what it is about",
        switched_on_by: CLEAR,
        file: "src/push_services/clear_parts.rs",
        ..TO_APNS
    },
    Entry {
        name: "confirm",
        what: "a code of 128 random bits",
        purpose: "the device echoes it, which proves whose token it is",
        ground: Ground::Safety,
        switched_on_by: PROOF,
        ..TO_APNS
    },
    Entry {
        name: "path",
        what: "the app's Firebase project",
        purpose: "names the app",
        file: "src/push_services/fcm/mod.rs",
        ..TO_FCM
    },
    Entry {
        name: "authorization",
        what: "the access token that Google gave the app's service account",
        purpose: "Google lets the publisher in",
        ..TO_FCM
    },
    Entry { name: "content-type", what: "that it is JSON", purpose: "FCM reads nothing else", ..TO_FCM },
    Entry {
        name: "validate_only",
        what: "true",
        purpose: "FCM judges the credential and sends nothing",
        ground: Ground::Safety,
        switched_on_by: "`sealpush check`",
        ..TO_FCM
    },
    Entry {
        name: "message.token",
        what: "the device token",
        purpose: "the push service finds the device",
        ..TO_FCM
    },
    Entry {
        name: "message.android.priority",
        what: "high or normal, for the urgency",
        purpose: "how soon the device should be woken",
        ..TO_FCM
    },
    Entry {
        name: "message.android.ttl",
        what: "how long it is worth sending",
        purpose: "what is too old is not sent",
        ..TO_FCM
    },
    Entry {
        name: "message.android.collapse_key",
        what: "a keyed hash of the collapse key, another one for every subscription",
        purpose: "a newer notification takes the place of an older one on the device",
        switched_on_by: "a collapse key in the request",
        ..TO_FCM
    },
    Entry {
        name: "message.data.seal",
        what: "the envelope, which only the device opens; its length has five values",
        purpose: "what the user shall read",
        switched_on_by: "sealed content",
        ..TO_FCM
    },
    Entry {
        name: "message.data.form",
        what: "`omitted` or `clear`",
        purpose: "the app knows what to do",
        switched_on_by: OMITTED_OR_CLEAR,
        ..TO_FCM
    },
    Entry {
        name: "message.data.delivery",
        what: "the delivery's id, random",
        purpose: "the device drops what comes twice",
        switched_on_by: OMITTED_OR_CLEAR,
        ..TO_FCM
    },
    Entry {
        name: "message.data.reference",
        what: "up to 64 bytes of the sender's choice",
        purpose: "the app fetches the content by it from its own server",
        switched_on_by: OMITTED,
        ..TO_FCM
    },
    Entry {
        name: "message.data.placeholder",
        what: "the app's placeholder, the same for all of its notifications",
        purpose: "the app shows it",
        switched_on_by: OMITTED,
        ..TO_FCM
    },
    Entry {
        name: "message.data.title",
        what: "the title, readable",
        purpose: "what the user shall read, in an app that cannot open envelopes",
        switched_on_by: CLEAR,
        ..TO_FCM
    },
    Entry {
        name: "message.data.body",
        what: "the text, readable",
        purpose: "what the user shall read, in an app that cannot open envelopes",
        switched_on_by: CLEAR,
        ..TO_FCM
    },
    Entry {
        name: "message.data.data",
        what: "what the sender gave the app beside the text, readable",
        purpose: "the app knows what it is about",
        switched_on_by: CLEAR,
        ..TO_FCM
    },
    Entry {
        name: "message.data.confirm",
        what: "a code of 128 random bits",
        purpose: "the device echoes it, which proves whose token it is",
        ground: Ground::Safety,
        switched_on_by: PROOF,
        ..TO_FCM
    },
    Entry {
        name: "path",
        what: "where Google gives tokens",
        purpose: "as the key file names it",
        ..TO_TOKEN_ENDPOINT
    },
    Entry { name: "host", what: "the same", purpose: "HTTP asks for it", ..TO_TOKEN_ENDPOINT },
    Entry {
        name: "content-type",
        what: "that it is a form",
        purpose: "HTTP asks for it",
        ..TO_TOKEN_ENDPOINT
    },
    Entry { name: "content-length", what: "its length", purpose: "HTTP asks for it", ..TO_TOKEN_ENDPOINT },
    Entry {
        name: "grant_type",
        what: "that a signed statement is shown",
        purpose: "OAuth asks for it",
        file: "src/push_services/fcm/token_exchange.rs",
        ..TO_TOKEN_ENDPOINT
    },
    Entry {
        name: "assertion",
        what: "name and key id of the app's service account, the time, and a signature with its key",
        purpose: "Google knows whose project it is",
        file: "src/push_services/fcm/token_exchange.rs",
        ..TO_TOKEN_ENDPOINT
    },
];
