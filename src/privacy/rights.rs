//! What is held about a sender or on a registration and not shown to them, with why.
//!
//! Everything else of the tables named here is shown by their exports. A test walks the inventory: a new column is either
//! shown or has its reason here. Must name tables and columns as the schema does.

use serde::Serialize;

/// A column that is held and not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NotShown {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Why not.
    pub why: &'static str,
}

/// Tables with rows about a sender.
pub const ABOUT_SENDERS: &[&str] = &[
    "senders",
    "credentials",
    "invites",
    "subscriptions",
    "sealed_registrations",
    "feedback",
    "notifications",
    "deliveries",
    "contents",
    "sharing",
    "shared_volume",
    "shared_devices",
    "shared_software",
    "audit_log",
];

/// Tables with rows about a registration.
pub const ABOUT_REGISTRATIONS: &[&str] =
    &["registrations", "codes", "subscriptions", "sealed_registrations", "deliveries"];

/// Tables with rows about nobody: the database's own, and the operator's.
pub const ABOUT_NOBODY: &[&str] = &["meta", "operator_tokens", "audit_cuts", "_sqlx_migrations"];

const ROW_NUMBER: &str = "the number of the row: it would count what others do";
const HASH: &str =
    "a hash: by it the relay knows again what it is shown, and nobody can read anything from it";
const OF_DEVICE: &str = "it tells of the device which push service it has, or when it was tried, by which two senders could \
                         guess that they reach the same one";
const SENT: &str = "an envelope, a reference or a ciphertext, as it came from the sender and as only the device reads it; \
                    its length is shown";

const fn not_shown(table: &'static str, column: &'static str, why: &'static str) -> NotShown {
    NotShown { table, column, why }
}

/// Held about a sender, and not shown to it.
pub const NOT_SHOWN_TO_SENDERS: &[NotShown] = &[
    not_shown("credentials", "secret_hash", HASH),
    not_shown("invites", "secret_hash", HASH),
    not_shown(
        "subscriptions",
        "registration",
        "it belongs to the app, and would tell two senders that they reach the same device",
    ),
    not_shown("feedback", "seq", ROW_NUMBER),
    not_shown("notifications", "seq", ROW_NUMBER),
    not_shown("notifications", "body_hash", HASH),
    not_shown("deliveries", "seq", ROW_NUMBER),
    not_shown("deliveries", "way", OF_DEVICE),
    not_shown("deliveries", "due_at", OF_DEVICE),
    not_shown("deliveries", "leased_until", OF_DEVICE),
    not_shown("deliveries", "collapse", HASH),
    not_shown("deliveries", "payload", SENT),
    not_shown("contents", "content", SENT),
    not_shown("audit_log", "sequence", "it would count what is done to others; the hash names the entry"),
];

/// Held on a registration, and not shown to its app.
pub const NOT_SHOWN_TO_APPS: &[NotShown] = &[
    not_shown(
        "registrations",
        "device_token",
        "the app has it itself, and whoever stole the registration's credential must not get it",
    ),
    not_shown("registrations", "token_hash", HASH),
    not_shown("registrations", "secret_hash", HASH),
    not_shown("codes", "token_hash", HASH),
    not_shown("codes", "code_hash", HASH),
    not_shown("sealed_registrations", "digest", HASH),
    not_shown("deliveries", "seq", ROW_NUMBER),
    not_shown("deliveries", "collapse", HASH),
    not_shown("deliveries", "payload", SENT),
    not_shown("contents", "content", SENT),
    not_shown(
        "notifications",
        "outcomes",
        "how deliveries to its subscriptions ended: kept for the sender that asks, 24 hours by default",
    ),
    not_shown(
        "feedback",
        "subscription",
        "of a subscription that ended, for its sender alone, at most 30 days",
    ),
];
