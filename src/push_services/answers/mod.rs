//! How the answers of push services are judged: tables of rows, and what each kind of row leads to. Pure.
//!
//! The rows themselves stand in `apns/response.rs` and `fcm/response.rs`; `docs/PUSH_SERVICES.md` shows them, and
//! a test compares the two. Must not know a push service's words. Read next: `meaning.rs`.

mod meaning;
mod reading;
mod row;

pub use meaning::{Meaning, Remedy};
pub use row::AnswerRow;

pub(super) use reading::{Details, Reading, Signal};
pub(super) use row::{ANY, ANY_CODE, find, row, rows};
