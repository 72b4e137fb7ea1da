//! What an erasure took away: what its receipt is made of.

use std::collections::BTreeMap;

/// Rows that are not there any more, by table, and the entry of the audit log that says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// How many rows of which table; none of tables that had none.
    pub rows: BTreeMap<&'static str, u64>,
    /// The hash of its entry in the audit log, if it has one. Not the number, which would count what others did.
    pub entry: Option<[u8; 32]>,
}

impl Erased {
    /// So many rows of these tables.
    #[must_use]
    pub fn of<const N: usize>(rows: [(&'static str, u64); N]) -> Self {
        let rows = rows.into_iter().filter(|(_, count)| *count > 0).collect();
        Self { rows, entry: None }
    }
}
