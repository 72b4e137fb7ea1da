//! Every row of a database, for people who want to see what a relay keeps.
//!
//! Reads beside the running relay and knows no table by name: what is there is shown.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Column, ConnectOptions, Connection, Row, SqliteConnection, TypeInfo, ValueRef};

use super::failure::failure;
use crate::storage::StorageError;

const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";

/// A table with all its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownTable {
    /// Its name.
    pub name: String,
    /// Its rows; each cell with the name of its column.
    pub rows: Vec<Vec<(String, ShownCell)>>,
}

/// A value as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownCell {
    /// None.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes: ids, hashes, ciphertext.
    Bytes(Vec<u8>),
}

/// All tables of the database at `path`, in the order of their names. Reads only.
pub async fn shown_tables(path: &Path) -> Result<Vec<ShownTable>, StorageError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
    let mut connection = options.connect().await.map_err(failure)?;
    let names: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await.map_err(failure)?;
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        tables.push(table(&mut connection, name).await?);
    }
    connection.close().await.map_err(failure)?;
    Ok(tables)
}

async fn table(connection: &mut SqliteConnection, name: String) -> Result<ShownTable, StorageError> {
    // The name comes from the schema itself; a quote in it is doubled all the same.
    let query = format!("SELECT * FROM \"{}\"", name.replace('"', "\"\""));
    let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(connection).await.map_err(failure)?;
    let rows = rows.iter().map(row).collect::<Result<_, _>>().map_err(failure)?;
    Ok(ShownTable { name, rows })
}

fn row(row: &SqliteRow) -> Result<Vec<(String, ShownCell)>, sqlx::Error> {
    let cells = row.columns().iter().map(|column| {
        let index = column.ordinal();
        let raw = row.try_get_raw(index)?;
        let kind = if raw.is_null() { "NULL".to_owned() } else { raw.type_info().name().to_owned() };
        let cell = match kind.as_str() {
            "NULL" => ShownCell::Null,
            "BLOB" => ShownCell::Bytes(row.try_get_unchecked(index)?),
            "TEXT" => ShownCell::Text(row.try_get_unchecked(index)?),
            _ => ShownCell::Integer(row.try_get_unchecked(index)?),
        };
        Ok((column.name().to_owned(), cell))
    });
    cells.collect()
}

impl ShownTable {
    /// The rows whose `column` holds these bytes.
    pub fn rows_with<'a>(
        &'a self,
        column: &'a str,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = &'a [(String, ShownCell)]> {
        let holds = move |cell: &(String, ShownCell)| {
            cell.0 == column && matches!(&cell.1, ShownCell::Bytes(own) if own == bytes)
        };
        self.rows.iter().filter(move |row| row.iter().any(holds)).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::OsEntropy;
    use crate::privacy::StorageKey;
    use crate::storage::sqlite::{Location, SqliteStore};

    #[tokio::test]
    async fn a_database_is_shown_beside_the_store_that_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shown.db");
        let key = StorageKey::from_bytes([7; 32]);
        let id = key.id().0.to_vec();
        let _store =
            SqliteStore::open(&Location::File(path.clone()), &key, Arc::new(OsEntropy)).await.unwrap();
        let tables = shown_tables(&path).await.unwrap();
        let meta = tables.iter().find(|table| table.name == "meta").unwrap();
        let rows: Vec<_> = meta.rows_with("value", &id).collect();
        assert_eq!(
            rows,
            [[
                ("name".to_owned(), ShownCell::Text("storage_key".to_owned())),
                ("value".to_owned(), ShownCell::Bytes(id.clone())),
            ]]
        );
    }
}
