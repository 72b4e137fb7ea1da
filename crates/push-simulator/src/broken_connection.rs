//! A connection that the simulator broke because a rule said so.
//!
//! Whatever was under way on it, its answer may be lost: who compares a sender's books with the records needs to know
//! of it. Read next: `journal`, which keeps them.

use serde::{Deserialize, Serialize};

/// A broken connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenConnection {
    /// Its number, as in [`crate::Record::connection`].
    pub connection: u64,
    /// When it was broken: unix milliseconds.
    pub at_ms: u64,
}
