//! Between SQLite's values and the nouns: reading columns, and many ids as one parameter.

use std::str::FromStr;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use crate::base::{Day, UnixMillis};
use crate::model::Id;
use crate::storage::StorageError;

/// A stored text or number that no constructor takes.
pub(super) const UNREADABLE: StorageError =
    StorageError::Corrupt("a column holds what this release never writes");

/// The column at `index` as a type of the driver.
pub(super) fn get<'r, T>(row: &'r SqliteRow, index: usize) -> Result<T, StorageError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(index).map_err(failure)
}

/// Exactly `N` bytes.
pub(super) fn bytes<const N: usize>(row: &SqliteRow, index: usize) -> Result<[u8; N], StorageError> {
    get::<&[u8]>(row, index)?.try_into().map_err(|_| UNREADABLE)
}

/// Exactly `N` bytes, or NULL.
pub(super) fn some_bytes<const N: usize>(
    row: &SqliteRow,
    index: usize,
) -> Result<Option<[u8; N]>, StorageError> {
    get::<Option<&[u8]>>(row, index)?.map(|bytes| bytes.try_into().map_err(|_| UNREADABLE)).transpose()
}

/// An id.
pub(super) fn id<K>(row: &SqliteRow, index: usize) -> Result<Id<K>, StorageError> {
    bytes(row, index).map(Id::from_bytes)
}

/// A text that a noun's constructor checks.
pub(super) fn parsed<T: FromStr>(row: &SqliteRow, index: usize) -> Result<T, StorageError> {
    get::<&str>(row, index)?.parse().map_err(|_| UNREADABLE)
}

/// A text that a noun's constructor checks, or NULL.
pub(super) fn some_parsed<T: FromStr>(row: &SqliteRow, index: usize) -> Result<Option<T>, StorageError> {
    get::<Option<&str>>(row, index)?.map(|text| text.parse().map_err(|_| UNREADABLE)).transpose()
}

/// A number that fits a `T`.
pub(super) fn number<T: TryFrom<i64>>(row: &SqliteRow, index: usize) -> Result<T, StorageError> {
    get::<i64>(row, index)?.try_into().map_err(|_| UNREADABLE)
}

/// A point in time.
pub(super) fn time(row: &SqliteRow, index: usize) -> Result<UnixMillis, StorageError> {
    get(row, index).map(UnixMillis)
}

/// A day, or NULL.
pub(super) fn some_day(row: &SqliteRow, index: usize) -> Result<Option<Day>, StorageError> {
    get::<Option<i32>>(row, index).map(|day| day.map(Day))
}

/// Keys as a JSON array of hexadecimal texts: `json_each($1)` with `unhex(value)` takes any number of them
/// with one prepared statement.
pub(super) fn key_list<B: AsRef<[u8]>>(keys: impl IntoIterator<Item = B>) -> String {
    let mut list = String::from("[");
    for key in keys {
        list.push_str(if list.len() == 1 { "\"" } else { ",\"" });
        push_hex(&mut list, key.as_ref());
        list.push('"');
    }
    list.push(']');
    list
}

/// Appends `bytes` in hexadecimal digits.
pub(super) fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.reserve(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_a_json_array() {
        assert_eq!(key_list::<&[u8]>([]), "[]");
        assert_eq!(key_list([[0x0a_u8, 0xff], [1, 2]]), r#"["0aff","0102"]"#);
    }
}
