//! The schema: migrations that are part of the program, applied in their order and never changed.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqliteConnection};

use super::failure::{failure, migration_failure};
use crate::storage::StorageError;

/// Number, name and text of each migration. A test compares the list with the folder.
const MIGRATIONS: [(i64, &str, &str); 12] = [
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
    (10, "senders share usage", include_str!("../../../migrations/sqlite/0010_senders_share_usage.sql")),
    (
        12,
        "the audit log is cut at its old end",
        include_str!("../../../migrations/sqlite/0012_the_audit_log_is_cut_at_its_old_end.sql"),
    ),
    (
        13,
        "what is held on a registration is found",
        include_str!("../../../migrations/sqlite/0013_what_is_held_on_a_registration_is_found.sql"),
    ),
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
    apply(connection, MIGRATIONS.len()).await
}

/// Applies what is missing of the first so many.
async fn apply(connection: &mut SqliteConnection, count: usize) -> Result<(), StorageError> {
    let migrations = MIGRATIONS[..count].iter().map(|(number, name, sql)| {
        Migration::new(*number, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run_direct(None, connection, false).await.map_err(migration_failure)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::ConnectOptions;
    use sqlx::sqlite::SqliteConnectOptions;

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

    /// One that waits at APNs and one at FCM, as the release before wrote them.
    const BEFORE_LANES: &str = "
        INSERT INTO senders (id, name, state, content_policy, created_day)
            VALUES (zeroblob(16), 'a', 'active', 'sealed_only', 1);
        INSERT INTO registrations (id, app, push_service, environment, token_kind, device_token, token_hash,
            secret_hash, registered_at, confirmed)
            VALUES (x'00000000000000000000000000000001', 'chat', 'apns', 'sandbox', 'standard', x'00',
                zeroblob(32), zeroblob(32), 1, 1),
            (x'00000000000000000000000000000002', 'chat', 'fcm', NULL, 'standard', x'00', zeroblob(32),
                zeroblob(32), 1, 1);
        INSERT INTO subscriptions (id, registration, sender, created_day, used)
            SELECT id, id, zeroblob(16), 1, 0 FROM registrations;
        INSERT INTO notifications (sender, id, body_hash, accepted_at, keep_until, outcomes)
            VALUES (zeroblob(16), zeroblob(16), zeroblob(32), 1000, 1000, x'');
        INSERT INTO deliveries (notification, id, subscription, kind, urgency, ttl, due_at, attempts, answers_lost, form)
            SELECT 1, id, id, 0, 2, CASE push_service WHEN 'fcm' THEN 60 ELSE 0 END, 1000, 0, 0, 3
            FROM registrations;";

    #[tokio::test]
    async fn what_waited_before_there_were_lanes_stands_in_its_lane() {
        let mut database =
            SqliteConnectOptions::new().in_memory(true).foreign_keys(true).connect().await.unwrap();
        apply(&mut database, 7).await.unwrap();
        sqlx::raw_sql(BEFORE_LANES).execute(&mut database).await.unwrap();

        migrate(&mut database).await.unwrap();

        let waiting: Vec<(String, i64)> = sqlx::query_as("SELECT way, ends_at FROM deliveries ORDER BY way")
            .fetch_all(&mut database)
            .await
            .unwrap();
        assert_eq!(waiting, [("chat/apns/sandbox".to_owned(), 11_000), ("chat/fcm".to_owned(), 61_000)]);
    }
}
