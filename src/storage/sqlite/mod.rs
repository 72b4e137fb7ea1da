//! SQLite, embedded: the engine of a relay on one machine.
//!
//! One file per trait (`senders`, `credentials`, `admission`, `registrations`, `outbox`, `audit`, `operator_tokens`, `rekey`) with the SQL as constants beside its
//! method, and a file for each of the outbox's larger statements. One connection writes, each method in one
//! transaction; what several callers want at once shares a query or a commit ([`crate::base::Coalesced`]).
//! Every statement costs a change of threads (15 to 40 µs), so many rows go through one. Read next:
//! `open.rs`, then `outbox.rs`.

mod acting;
mod admission;
mod audit;
mod backlog;
mod backup;
mod call_off;
mod confirmations;
mod connections;
mod contents;
mod credential_cache;
mod credentials;
mod delivery_rows;
mod ending;
mod erasures;
mod failure;
mod feedback;
mod held;
mod held_rows;
mod inspect;
mod known;
mod lease;
mod lock_file;
mod migrations;
mod moving;
mod notification_rows;
mod open;
mod operator_tokens;
mod outbox;
mod overwriting;
mod padding;
mod promise;
mod reach;
mod recently_ended;
mod registrations;
mod rekey;
mod removals;
mod removed_again;
mod restore;
mod retention;
mod row;
mod sealed;
mod senders;
mod settle;
mod shared_usage;
mod sharing;
mod shown_tables;
mod since_backup;
mod stopped_senders;
mod storage_keys;
mod store;
mod unused_senders;
mod usage;
mod waiting;

pub use backup::back_up;
pub use inspect::{Inspection, KeyFit, inspect, try_writing};
pub use open::Location;
pub use restore::{Restored, restore};
pub use shown_tables::{ShownCell, ShownTable, shown_tables};
pub use store::SqliteStore;
