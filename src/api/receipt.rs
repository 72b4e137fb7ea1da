//! The receipt of an erasure: what was erased, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::UnixMillis;
use crate::model::Erased;

/// What was erased. It is gone from the tables when this is answered, and from the files within seconds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptDocument {
    /// `sender`, `registration` or `subscription`.
    pub erased: String,
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// How many rows of which table.
    pub rows: BTreeMap<String, u64>,
    /// Of a sender: the hash of its entry in the audit log, 64 hexadecimal digits. The operator's `sealpush audit verify
    /// --head` finds the entry by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 64, max_length = 64)]
    pub audit_entry: Option<String>,
}

impl ReceiptDocument {
    /// About what `kind` and `id` name.
    pub(super) fn new(
        kind: &'static str,
        id: impl std::fmt::Display,
        at: UnixMillis,
        erased: Erased,
    ) -> Self {
        Self {
            erased: kind.to_owned(),
            id: id.to_string(),
            at: at.to_string(),
            rows: erased.rows.into_iter().map(|(table, count)| (table.to_owned(), count)).collect(),
            audit_entry: erased.entry.map(hex::encode),
        }
    }
}
