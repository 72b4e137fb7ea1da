//! The audit log, and what the database knows of itself.

use super::{ALWAYS, Field, Ground, Reader, Stored};

const OF_AUDIT: Field = Field {
    table: "audit_log",
    column: "",
    what: "",
    purpose: "",
    stored: Stored::AsItIs,
    ground: Ground::Safety,
    kept: "400 days by default, \"forever\" possible",
    switched_on_by: "an administrative change",
    shown_to: &[Reader::Operator, Reader::ItsSender],
    file: "src/storage/sqlite/audit.rs",
};

const OF_CUT: Field = Field {
    table: "audit_cuts",
    kept: "as long as the database",
    switched_on_by: "the first entry whose time is over",
    shown_to: &[Reader::Operator],
    ..OF_AUDIT
};

const OF_META: Field = Field {
    table: "meta",
    switched_on_by: ALWAYS,
    shown_to: &[],
    file: "src/storage/sqlite/storage_keys.rs",
    ..OF_CUT
};

const OF_MIGRATION: Field =
    Field { table: "_sqlx_migrations", file: "src/storage/sqlite/migrations.rs", ..OF_META };

pub(super) const FIELDS: &[Field] = &[
    Field {
        column: "sequence",
        what: "1, 2, 3, …",
        purpose: "a missing entry shows",
        shown_to: &[Reader::Operator],
        ..OF_AUDIT
    },
    Field { column: "at", what: "when it was changed", purpose: "tells when", ..OF_AUDIT },
    Field {
        column: "actor",
        what: "operator, the id of one of its tokens, or sender",
        purpose: "tells who",
        ..OF_AUDIT
    },
    Field { column: "action", what: "what was done", purpose: "tells what", ..OF_AUDIT },
    Field { column: "subject", what: "an id, never a name or a token", purpose: "tells to whom", ..OF_AUDIT },
    Field { column: "detail", what: "what changed", purpose: "tells how", ..OF_AUDIT },
    Field {
        column: "hash",
        what: "SHA-256 of the entry and the hash before it",
        purpose: "a change of the past shows",
        ..OF_AUDIT
    },
    Field {
        column: "sequence",
        what: "the number of the last entry that was cut",
        purpose: "what is left goes on from it",
        ..OF_CUT
    },
    Field {
        column: "hash",
        what: "the hash of that entry",
        purpose: "what is left is proved from it",
        ..OF_CUT
    },
    Field {
        column: "name",
        what: "`storage_key`, `storage_key_before`, `lookup_keys`, `swept_day`",
        purpose: "names what the value is",
        ..OF_META
    },
    Field {
        column: "value",
        what: "the id of a storage key, from which the key cannot be found; the keys of keyed hashes, under the at-rest \
               cipher, once the storage key was rotated; the day of the last sweep",
        purpose: "a wrong key is refused before anything is written under it; what was hashed before a rotation is known \
                  again; a clock that jumps ahead erases nothing",
        stored: Stored::Encrypted,
        ..OF_META
    },
    Field { column: "version", what: "a migration's number", purpose: "tells the schema", ..OF_MIGRATION },
    Field { column: "description", what: "its name", purpose: "tells it to people", ..OF_MIGRATION },
    Field {
        column: "installed_on",
        what: "when it was applied",
        purpose: "dates the schema",
        ..OF_MIGRATION
    },
    Field {
        column: "success",
        what: "whether it ended well",
        purpose: "half a schema is refused",
        ..OF_MIGRATION
    },
    Field {
        column: "checksum",
        what: "SHA-384 of its text",
        purpose: "a changed migration is refused",
        ..OF_MIGRATION
    },
    Field {
        column: "execution_time",
        what: "how long it took",
        purpose: "tells what the next one may take",
        ..OF_MIGRATION
    },
];
