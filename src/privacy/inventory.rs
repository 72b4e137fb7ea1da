//! The inventory: everything that the relay keeps, field by field, as `GET /v1/privacy` shows it.
//!
//! A test reads the schema of every engine and fails where a column is not described here, or where something
//! is described that does not exist. Must stay true of what the program does today: a term of retention stands
//! here when something enforces it. Read next: `inventory/registrations.rs`.

mod feedback;
mod outbox;
mod records;
mod registrations;
mod senders;

use serde::Serialize;

/// One column of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it is, for people.
    pub what: &'static str,
    /// Why the relay cannot do without it.
    pub purpose: &'static str,
    /// What stands in the database file.
    pub stored: Stored,
    /// When it is erased.
    pub kept: &'static str,
    /// What must be the case for it to be stored at all.
    pub switched_on_by: &'static str,
    /// To whom the relay shows it. Who copies the database file reads what is stored `as_it_is`; who has
    /// the storage key too also reads what is `encrypted`, and nobody what is a hash or an envelope.
    pub shown_to: &'static [Reader],
}

/// What stands in the database file for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// The value.
    AsItIs,
    /// SHA-256 of 256 random bits: it cannot be guessed back.
    Hash,
    /// A hash under a key from the storage key: without it no guess can be tried.
    KeyedHash,
    /// XChaCha20-Poly1305 under a key from the storage key, bound to table, column and row.
    Encrypted,
    /// An envelope, which only the device opens, or what stands in place of one.
    Envelope,
}

/// To whom the relay shows a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Who runs the relay.
    Operator,
    /// The sender that it belongs to.
    ItsSender,
    /// The app on the device that it belongs to.
    ItsApp,
    /// The push service that reaches the device.
    PushService,
}

/// What is kept outside the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Passing {
    /// What it is, for people.
    pub what: &'static str,
    /// Why the relay cannot do without it.
    pub purpose: &'static str,
    /// Where it is, and until when.
    pub kept: &'static str,
}

/// Nothing has to be switched on.
const ALWAYS: &str = "always";

/// Every column of every table, in the order of the tables' page.
pub fn stored() -> impl Iterator<Item = &'static Field> {
    [senders::FIELDS, registrations::FIELDS, feedback::FIELDS, outbox::FIELDS, records::FIELDS]
        .into_iter()
        .flatten()
}

/// What stands in a file beside the database.
pub const BESIDE: &[Passing] = &[Passing {
    what: "each erased sender, as the SHA-256 of its id, with the day",
    purpose: "an old backup of the database must not bring it back",
    kept: "always: whoever does not have the id cannot find it by its hash, and nothing else is known of it",
}];

/// What stands in the log about each request, where the operator switches that on (`[logs] access`). By default nothing
/// does.
pub const LOGGED: &[Passing] = &[Passing {
    what: "of each request: its method, its route without the ids in it, its status, how long it took, and the random \
           number that its answer has too",
    purpose: "the operator looks for what is slow or refused, and finds a request that its sender names by the number",
    kept: "as long as the operator's log. Never the client's address or a part of it, an id, a query or a header",
}];

/// What passes through memory and is never written.
pub const PASSING: &[Passing] = &[
    Passing {
        what: "content that a sender did not seal",
        purpose: "it is sealed for the device, or left out",
        kept: "in memory, overwritten as soon as it is sealed or left out; in the store only as `clear` content \
               that operator, app and sender all allow, and then encrypted",
    },
    Passing {
        what: "an envelope whose sender waits for the outcome",
        purpose: "it is handed to the push service",
        kept: "in memory until the outcome is known; what is not known when the wait ends goes to the outbox",
    },
    Passing {
        what: "the address of a client",
        purpose: "answers go back to it, and limits hold for its network",
        kept: "in memory, as long as the connection: the IPv4 address, or the /64 of the IPv6 address. Limits keep a \
               hash of it, under a random key that changes daily, until nothing counts any more: minutes, at most an \
               hour. Never in the store or the log",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_column_is_described_once_and_fully() {
        let mut seen = HashSet::new();
        for field in stored() {
            assert!(seen.insert((field.table, field.column)), "{field:?} is described twice");
            let texts = [field.what, field.purpose, field.kept, field.switched_on_by];
            assert!(texts.iter().all(|text| !text.is_empty()), "{field:?}");
        }
    }

    #[test]
    fn the_inventory_is_json_of_plain_names() {
        let json = serde_json::to_value(stored().collect::<Vec<_>>()).unwrap();
        let token = json.as_array().unwrap().iter().find(|field| field["column"] == "device_token").unwrap();
        assert_eq!(token["stored"], "encrypted");
        assert_eq!(token["shown_to"], serde_json::json!(["push_service"]));
    }

    #[test]
    fn no_secret_stands_in_the_store_as_it_is() {
        for field in
            stored().filter(|field| field.column.contains("token") || field.column.contains("secret"))
        {
            let is_name = field.column == "token_kind";
            assert!(is_name || field.stored != Stored::AsItIs, "{field:?}");
        }
    }
}
