//! The promise: what may be readable, what is stored, under which key, for how long.
//!
//! Owns the only place where readable content exists, the at-rest cipher, the keyed hashes that stand for
//! tokens and keys, and the inventory of everything that is kept. Must not do I/O. Read next:
//! `inventory.rs`, then [`crate::storage`].

mod at_rest;
mod content;
mod daily_hash;
pub mod inventory;
mod not_hidden;
mod pseudonym;
mod registration_keys;
mod retention;
pub mod rights;
mod sealing;
mod shown_keys;
mod storage_key;
mod storage_keyring;
mod withholding;

pub use at_rest::{Cipher, OpenError, Place};
pub use content::{ContentError, MAX_CONTENT, ReadableContent, Treated, Treatment};
pub use daily_hash::{ClientHash, DailyHash};
pub use not_hidden::{NOT_HIDDEN, NotHidden};
pub use pseudonym::{Pseudonyms, TokenHash};
pub use registration_keys::RegistrationKeys;
pub use retention::Ends;
pub use shown_keys::{KeyState, ShownRegistrationKey, ShownRegistrationKeys};
pub use storage_key::{StorageKey, StorageKeyId};
pub use storage_keyring::StorageKeyring;
pub use withholding::{Pending, VolumeCounts, first_open_day, shown_devices};
