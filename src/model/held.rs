//! What is held about somebody, as it is shown to them: rows of tables, named as the inventory names them.

use std::fmt;
use std::str::FromStr;

use sealpush_seal::base64url;

use super::TargetOutcome;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    None,
    /// A name, an id, a time or a day, as the API writes it; bytes in base64url.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several names.
    Names(Vec<&'static str>),
    /// How targets ended.
    Outcomes(Vec<TargetOutcome>),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// The table.
    pub table: &'static str,
    /// Its columns that are shown, each with its value.
    pub values: Vec<(&'static str, Held)>,
}

/// Some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPage {
    /// In the order of the tables, and of keys within each.
    pub rows: Vec<HeldRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<HeldCursor>,
}

/// Where a page begins: after a row of a table. In the API base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCursor {
    /// Which of the tables, in their order.
    pub table: u8,
    /// After the row with this key; empty: from the first on.
    pub key: Vec<u8>,
}

/// The longest key: two ids.
const LONGEST: usize = 32;

/// Why a text is no cursor.
#[derive(Debug, thiserror::Error)]
#[error("a cursor is the `next` of an answer of this call")]
pub struct HeldCursorError;

impl fmt::Display for HeldCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&[&[self.table], self.key.as_slice()].concat()))
    }
}

impl FromStr for HeldCursor {
    type Err = HeldCursorError;

    fn from_str(text: &str) -> Result<Self, HeldCursorError> {
        let bytes = base64url::decode(text).map_err(|_| HeldCursorError)?;
        let (table, key) = bytes.split_first().ok_or(HeldCursorError)?;
        if key.len() > LONGEST {
            return Err(HeldCursorError);
        }
        Ok(Self { table: *table, key: key.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for key in [vec![], vec![7; 8], vec![9; 32]] {
            let cursor = HeldCursor { table: 3, key };
            assert_eq!(cursor.to_string().parse::<HeldCursor>().unwrap(), cursor);
        }
        for text in ["", "A", "a b", &base64url::encode(&[1; 34])] {
            assert!(text.parse::<HeldCursor>().is_err(), "{text}");
        }
    }
}
