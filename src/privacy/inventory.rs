//! The inventory: everything that the relay keeps, holds in memory, sends, answers and says of itself, name by name, as
//! `GET /v1/privacy` and `sealpush privacy` show it.
//!
//! Tests read the schema, the closed lists of log fields and metric labels, every request that any test's relay makes
//! and every answer that it gives, and fail where something is not described here, or where something is described that
//! is no more. Must stay true of what the program does today: a term of retention stands here when something enforces
//! it. Read next: `inventory/entry.rs`, then `inventory/registrations.rs`.

mod answered;
mod chapters;
mod entry;
mod feedback;
mod files;
mod logged;
mod measured;
mod memory;
mod outbox;
mod records;
mod registrations;
mod senders;
mod sent;
mod sent_elsewhere;
mod sharing;

pub use chapters::{Chapter, Row, Said, Table, chapters};
pub use entry::{Entry, EntryKind, Ground, Reader};

/// One column of one table, as these files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// What allows it.
    pub ground: Ground,
    /// When it is erased.
    pub kept: &'static str,
    /// What must be the case for it to be stored at all.
    pub switched_on_by: &'static str,
    /// To whom the relay shows it. Who copies the database file reads what is stored `as_it_is`; who has
    /// the storage key too also reads what is `encrypted`, and nobody what is a hash or an envelope.
    pub shown_to: &'static [Reader],
    /// The file of the source that writes it.
    pub file: &'static str,
}

/// What stands in a file for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Stored {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsItIs => "as_it_is",
            Self::Hash => "hash",
            Self::KeyedHash => "keyed_hash",
            Self::Encrypted => "encrypted",
            Self::Envelope => "envelope",
        }
    }

    /// In plain words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AsItIs => "as it is",
            Self::Hash => "hash",
            Self::KeyedHash => "keyed hash",
            Self::Encrypted => "encrypted",
            Self::Envelope => "envelope",
        }
    }
}

/// Nothing has to be switched on.
const ALWAYS: &str = "always";

/// Every column of every table, in the order of the tables' page.
pub fn stored() -> impl Iterator<Item = &'static Field> {
    [
        senders::FIELDS,
        registrations::FIELDS,
        feedback::FIELDS,
        outbox::FIELDS,
        sharing::FIELDS,
        records::FIELDS,
    ]
    .into_iter()
    .flatten()
}

/// All of it, kind by kind.
pub fn entries() -> impl Iterator<Item = Entry> {
    let others = [
        files::ENTRIES,
        memory::ENTRIES,
        sent::ENTRIES,
        sent_elsewhere::ENTRIES,
        answered::ENTRIES,
        logged::ENTRIES,
        measured::ENTRIES,
    ];
    stored().map(Entry::from).chain(others.into_iter().flatten().copied())
}

/// Those of one kind.
pub fn of_kind(kind: EntryKind) -> impl Iterator<Item = Entry> {
    entries().filter(move |entry| entry.kind == kind)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_thing_is_described_once_and_fully() {
        let mut seen = HashSet::new();
        for entry in entries() {
            let identity = (entry.kind, entry.place, entry.name);
            assert!(seen.insert(identity), "{identity:?} is described twice");
            let Entry { place, name, what, purpose, kept, switched_on_by, file, .. } = entry;
            for text in [place, name, what, purpose, kept, switched_on_by, file] {
                assert!(!text.is_empty() && text.trim() == text && !text.contains("  "), "{entry:?}");
            }
        }
        assert!(EntryKind::ALL.into_iter().all(|kind| of_kind(kind).count() > 4));
    }

    #[test]
    fn who_reads_a_value_follows_from_what_stands_for_it() {
        let of = |column: &str| entries().find(|entry| entry.name == column).unwrap().read_by();
        assert_eq!(of("device_token"), [Reader::PushService, Reader::WhoHasTheStorageKeyToo]);
        assert_eq!(of("token_hash"), []);
        assert!(of("created_day").contains(&Reader::WhoCopiesTheFiles));
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
