//! The schema: migrations that are part of the program, applied in their order and never changed.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqliteConnection};

use super::failure::{failure, migration_failure};
use crate::storage::StorageError;

/// Number, name and text of each migration. A test compares the list with the folder.
const MIGRATIONS: [(i64, &str, &str); 9] = [
    (1, "the first tables", include_str!("../../../migrations/sqlite/0001_the_first_tables.sql")),
    (
        2,
        "registrations are proved and end",
        include_str!("../../../migrations/sqlite/0002_registrations_are_proved_and_end.sql"),
    ),
    (
        3,
        "senders join and operators have tokens",
        include_str!("../../../migrations/sqlite/0003_senders_join_and_operators_have_tokens.sql"),
    ),
    (4, "storage key before", include_str!("../../../migrations/sqlite/0004_storage_key_before.sql")),
    (
        5,
        "what waits can be called off",
        include_str!("../../../migrations/sqlite/0005_what_waits_can_be_called_off.sql"),
    ),
    (
        6,
        "what ends is found by its time",
        include_str!("../../../migrations/sqlite/0006_what_ends_is_found_by_its_time.sql"),
    ),
    (
        7,
        "senders are told what ended",
        include_str!("../../../migrations/sqlite/0007_senders_are_told_what_ended.sql"),
    ),
    (
        8,
        "what waits stands in lanes",
        include_str!("../../../migrations/sqlite/0008_what_waits_stands_in_lanes.sql"),
    ),
    (9, "content is shared", include_str!("../../../migrations/sqlite/0009_content_is_shared.sql")),
];

/// What `PRAGMA application_id` says of a database of ours: "SEAL" (<https://www.sqlite.org/pragma.html#pragma_application_id>).
const OURS: i64 = 0x5345_414c;

/// The number of the newest migration that this release knows.
pub(super) const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Whether the database is one of ours.
pub(super) async fn is_ours(connection: &mut SqliteConnection) -> Result<bool, StorageError> {
    let id: i64 = sqlx::query_scalar(APPLICATION_ID).fetch_one(connection).await.map_err(failure)?;
    Ok(id == OURS)
}

const APPLICATION_ID: &str = "PRAGMA application_id";
const IS_EMPTY: &str = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";

/// Applies what is missing. An empty database becomes ours; another program's is refused untouched.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StorageError> {
    let ours = is_ours(connection).await?;
    let empty: bool = sqlx::query_scalar(IS_EMPTY).fetch_one(&mut *connection).await.map_err(failure)?;
    if !ours && !empty {
        return Err(StorageError::Schema("the file is another program's database".to_owned()));
    }
    let migrations = MIGRATIONS.map(|(number, name, sql)| {
        Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.to_vec());
    migrator.run_direct(None, connection, false).await.map_err(migration_failure)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_migration_of_the_folder_is_part_of_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed =
            MIGRATIONS.map(|(number, name, _)| format!("{number:04}_{}.sql", name.replace(' ', "_")));
        assert_eq!(files, listed);
    }
}
