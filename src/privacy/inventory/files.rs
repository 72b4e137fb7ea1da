//! What stands in files beside the database.

use super::{ALWAYS, Entry, EntryKind, Ground, Reader, Stored};

const IN_A_FILE: Entry = Entry {
    kind: EntryKind::File,
    place: "",
    name: "",
    what: "",
    purpose: "",
    stored: Some(Stored::AsItIs),
    ground: Ground::Safety,
    kept: "as long as the database",
    switched_on_by: ALWAYS,
    shown_to: &[],
    file: "src/storage/sqlite/lock_file.rs",
};

const ERASURE: Entry = Entry {
    place: "sealpush.db.erased",
    kept: "always: whoever does not have the id cannot find it by its hash, and nothing else is known of it",
    switched_on_by: "a sender that was erased",
    file: "src/storage/sqlite/erasures.rs",
    ..IN_A_FILE
};

const REMOVAL: Entry = Entry {
    place: "sealpush.db.removed",
    purpose: "an old backup of the database must not bring it back",
    kept: "90 days by default: as long as a backup that is restored may be old",
    switched_on_by: "a registration or subscription that was removed on request",
    file: "src/storage/sqlite/removals.rs",
    ..IN_A_FILE
};

const ORDERED: Entry = Entry {
    place: "the folder `cache_dir` of `tls.acme`",
    kept: "until a newer one takes its place",
    switched_on_by: "`tls.acme` in the config",
    file: "src/server/acme.rs",
    ..IN_A_FILE
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        place: "sealpush.db-wal",
        name: "pages",
        what: "the newest pages of the database, with the columns above",
        purpose: "a commit is on the disk before it is promised",
        stored: None,
        kept: "until they are moved into the database: after a thousand pages or so, when something was erased for its \
               age, and when the relay stops",
        file: "src/storage/sqlite/open.rs",
        ..IN_A_FILE
    },
    Entry {
        place: "sealpush.db-shm",
        name: "index",
        what: "where in that file which page stands",
        purpose: "readers find the newest pages",
        kept: "while the relay runs",
        file: "src/storage/sqlite/open.rs",
        ..IN_A_FILE
    },
    Entry {
        place: "sealpush.db.lock",
        name: "lock",
        what: "nothing: an empty file that the process holds",
        purpose: "no two processes use one database",
        ..IN_A_FILE
    },
    Entry {
        name: "hash",
        what: "SHA-256 of an erased sender's id",
        purpose: "an old backup of the database must not bring it back",
        stored: Some(Stored::Hash),
        ..ERASURE
    },
    Entry {
        name: "day",
        what: "the day on which it was erased",
        purpose: "people can check the list",
        ..ERASURE
    },
    Entry {
        name: "hash",
        what: "SHA-256 of the id of a registration or subscription that its app or its sender removed",
        stored: Some(Stored::Hash),
        ..REMOVAL
    },
    Entry { name: "day", what: "the day on which it was removed", ..REMOVAL },
    Entry {
        place: "operator.sock",
        name: "socket",
        what: "nothing: the socket at which administrative commands reach the relay",
        purpose: "only the relay's user may open it",
        kept: "while the relay runs",
        file: "src/config/operator.rs",
        ..IN_A_FILE
    },
    Entry {
        name: "account key",
        what: "the private key of the relay's account at the certificate authority",
        purpose: "the authority knows by it who orders",
        kept: "until the operator removes it",
        ..ORDERED
    },
    Entry {
        name: "certificate",
        what: "the relay's certificate, with its private key",
        purpose: "senders and apps know by it that they speak to this relay",
        shown_to: &[Reader::Anyone],
        ..ORDERED
    },
];
