//! The inventory of what is kept, held against the real schema.

use std::collections::BTreeSet;

use sealpush::privacy::inventory;
use sqlx::{ConnectOptions, Row};

use super::test_store::TestStore;

/// Tables of SQLite's own (`sqlite_…`) hold no values of ours.
const COLUMNS: &str = "
SELECT tables.name, columns.name
FROM pragma_table_list AS tables JOIN pragma_table_info(tables.name) AS columns
WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

#[tokio::test]
async fn every_column_is_in_the_inventory_and_nothing_else_is() {
    let store = TestStore::sqlite_in_a_file().await;
    let mut reader = store.raw().connect().await.unwrap();

    let rows = sqlx::query(COLUMNS).fetch_all(&mut reader).await.unwrap();

    let stored: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let described: BTreeSet<_> =
        inventory::stored().map(|field| (field.table.to_owned(), field.column.to_owned())).collect();
    let missing: Vec<_> = stored.difference(&described).collect();
    let invented: Vec<_> = described.difference(&stored).collect();
    assert!(missing.is_empty(), "in the schema and not in the inventory: {missing:?}");
    assert!(invented.is_empty(), "in the inventory and not in the schema: {invented:?}");
    assert!(stored.len() > 50, "{} columns were found", stored.len());
}
