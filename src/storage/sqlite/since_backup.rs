//! What happened since a backup was made, taken over from the database that it replaces.
//!
//! Where that database goes on from the backup, it knows everything better: a row that both have becomes what it is
//! there, what it has no more is removed, and its audit log is taken over whole. What it has besides stays behind,
//! but for what says that something was used. Every table has a rule here; a test holds that. Read next: `restore.rs`.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::failure::failure;
use crate::storage::StorageError;

const LAST_ENTRY: &str = "SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1";
const HAS_ENTRY: &str = "SELECT EXISTS (SELECT 1 FROM newer.audit_log WHERE sequence = $1 AND hash = $2)";
/// A log in which nothing happened for long may have been cut right after the backup's last entry.
const HAS_CUT: &str = "SELECT EXISTS (SELECT 1 FROM newer.audit_cuts WHERE sequence = $1 AND hash = $2)";
const KNOWS_CUTS: &str = "SELECT EXISTS (SELECT 1 FROM newer.sqlite_schema WHERE name = 'audit_cuts')";
const ATTACH: &str = "ATTACH DATABASE $1 AS newer";
const DETACH: &str = "DETACH DATABASE newer";

/// Tables whose rows have an id of their own, the same in both databases.
const BY_ID: [&str; 6] =
    ["senders", "credentials", "registrations", "subscriptions", "invites", "operator_tokens"];

/// Tables that hold what only the storage key reads or finds.
const UNDER_THE_KEY: [&str; 2] = ["registrations", "codes"];

/// What has no id, or is more than its rows. `{columns}` are those that both databases have.
const RULES: &[(&str, &[&str])] = &[
    (
        "invites",
        // Used by a server that is not in the backup: it must not let another one in.
        &["DELETE FROM invites WHERE sender IS NOT NULL AND sender NOT IN (SELECT id FROM senders)"],
    ),
    ("codes", &["DELETE FROM codes", "INSERT INTO codes ({columns}) SELECT {columns} FROM newer.codes"]),
    (
        "sealed_registrations",
        // What it made since stays behind, so the app may hand it on again; what was removed since may not come back.
        &[
            "DELETE FROM sealed_registrations",
            "INSERT INTO sealed_registrations ({columns}) SELECT {columns} FROM newer.sealed_registrations
             WHERE sender IN (SELECT id FROM senders) AND (subscription IN (SELECT id FROM subscriptions)
             OR subscription NOT IN (SELECT id FROM newer.subscriptions))",
        ],
    ),
    (
        "feedback",
        // What ended since is told, and what was acknowledged since is not told again.
        &[
            "DELETE FROM feedback",
            "INSERT INTO feedback (id, {columns}) SELECT id, {columns} FROM newer.feedback
             WHERE sender IN (SELECT id FROM senders)",
        ],
    ),
    (
        "sharing",
        // What is shared, and what was withdrawn, is as it was decided last.
        &[
            "DELETE FROM sharing",
            "INSERT INTO sharing ({columns}) SELECT {columns} FROM newer.sharing
             WHERE sender IN (SELECT id FROM senders)",
        ],
    ),
    (
        "shared_volume",
        &[
            "DELETE FROM shared_volume",
            "INSERT INTO shared_volume ({columns}) SELECT {columns} FROM newer.shared_volume
             WHERE sender IN (SELECT id FROM senders)",
        ],
    ),
    (
        "shared_devices",
        &[
            "DELETE FROM shared_devices",
            "INSERT INTO shared_devices ({columns}) SELECT {columns} FROM newer.shared_devices
             WHERE sender IN (SELECT id FROM senders)",
        ],
    ),
    (
        "shared_software",
        &[
            "DELETE FROM shared_software",
            "INSERT INTO shared_software ({columns}) SELECT {columns} FROM newer.shared_software
             WHERE sender IN (SELECT id FROM senders)",
        ],
    ),
    (
        "deliveries",
        // Decided since; and how often the others were attempted.
        &[
            "DELETE FROM deliveries WHERE id NOT IN (SELECT id FROM newer.deliveries)",
            "UPDATE deliveries SET (attempts, answers_lost, due_at, way) = (SELECT attempts, answers_lost, due_at, way
             FROM newer.deliveries AS newest WHERE newest.id = deliveries.id)",
        ],
    ),
    (
        "contents",
        &["DELETE FROM contents WHERE notification NOT IN
             (SELECT notification FROM deliveries WHERE form = 4 AND payload IS NULL)"],
    ),
    (
        "notifications",
        &[
            "DELETE FROM notifications WHERE (sender, id) NOT IN (SELECT sender, id FROM newer.notifications)",
            "UPDATE notifications SET (outcomes, keep_until) = (SELECT outcomes, keep_until
             FROM newer.notifications AS newest
             WHERE newest.sender = notifications.sender AND newest.id = notifications.id)",
        ],
    ),
];

const AUDIT_LOG: &str = "
INSERT INTO audit_log ({columns}) SELECT {columns} FROM newer.audit_log
WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM main.audit_log)";

const SHARED_COLUMNS: &str = "
SELECT ours.name FROM pragma_table_info($1, 'main') AS ours
JOIN pragma_table_info($1, 'newer') AS theirs ON theirs.name = ours.name";

/// Attaches the database at `database`, where it goes on from the backup: its audit log does. Whether it is so.
pub(super) async fn attach(backup: &mut SqliteConnection, database: &Path) -> Result<bool, StorageError> {
    let path = database.to_str().ok_or(StorageError::Unwritable("its path is not UTF-8"))?;
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as(LAST_ENTRY).fetch_optional(&mut *backup).await.map_err(failure)?;
    // Without an entry there is nothing to tell by.
    let Some((sequence, entry)) = last else { return Ok(false) };
    sqlx::query(ATTACH).bind(path).execute(&mut *backup).await.map_err(failure)?;
    let mut questions = vec![HAS_ENTRY];
    if sqlx::query_scalar(KNOWS_CUTS).fetch_one(&mut *backup).await.map_err(failure)? {
        questions.push(HAS_CUT);
    }
    let mut continues = false;
    for question in questions {
        let asked = sqlx::query_scalar(question).bind(sequence).bind(entry.clone());
        let answer: bool = asked.fetch_one(&mut *backup).await.map_err(failure)?;
        continues |= answer;
    }
    if !continues {
        sqlx::query(DETACH).execute(backup).await.map_err(failure)?;
    }
    Ok(continues)
}

/// Takes over the end of the attached database's audit log: the chain goes on.
pub(super) async fn take_over_log(backup: &mut SqliteConnection) -> Result<(), StorageError> {
    let columns = shared_columns(backup, "audit_log").await?;
    run(backup, AUDIT_LOG.replace("{columns}", &columns)).await
}

/// Takes over everything else, and lets go of the attached database. `same_key`: it is kept under the backup's
/// storage key; what it has under another one cannot be read here, and stays as it was.
pub(super) async fn take_over(backup: &mut SqliteConnection, same_key: bool) -> Result<(), StorageError> {
    // What both have is whole when all is done, and not in between.
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *backup).await.map_err(failure)?;
    let mut transaction = backup.begin().await.map_err(failure)?;
    for table in BY_ID {
        let columns = shared_columns(&mut transaction, table).await?;
        if columns.is_empty() {
            continue;
        }
        let gone = format!("DELETE FROM {table} WHERE id NOT IN (SELECT id FROM newer.{table})");
        run(&mut transaction, gone).await?;
        if same_key || !UNDER_THE_KEY.contains(&table) {
            let newest =
                format!("SELECT {columns} FROM newer.{table} AS newest WHERE newest.id = {table}.id");
            run(&mut transaction, format!("UPDATE {table} SET ({columns}) = ({newest})")).await?;
        }
    }
    for (table, statements) in RULES {
        let columns = shared_columns(&mut transaction, table).await?;
        if columns.is_empty() || (!same_key && UNDER_THE_KEY.contains(table)) {
            continue;
        }
        for statement in *statements {
            run(&mut transaction, statement.replace("{columns}", &columns)).await?;
        }
    }
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut *transaction).await;
    if broken.map_err(failure)?.is_some() {
        return Err(StorageError::Corrupt("what was there does not fit the backup: move it away first"));
    }
    transaction.commit().await.map_err(failure)?;
    for statement in ["PRAGMA foreign_keys = ON", DETACH] {
        sqlx::query(statement).execute(&mut *backup).await.map_err(failure)?;
    }
    Ok(())
}

/// What both databases have of a table, but its id; empty where the attached one does not have the table yet.
async fn shared_columns(connection: &mut SqliteConnection, table: &str) -> Result<String, StorageError> {
    let columns = sqlx::query_scalar(SHARED_COLUMNS).bind(table).fetch_all(connection);
    let columns: Vec<String> = columns.await.map_err(failure)?;
    Ok(columns.into_iter().filter(|column| column != "id").collect::<Vec<_>>().join(", "))
}

/// Names of tables and columns are the schema's own.
async fn run(connection: &mut SqliteConnection, statement: String) -> Result<(), StorageError> {
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(connection).await.map_err(failure)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions, Connection};

    use super::*;
    use crate::storage::sqlite::migrations;
    use crate::storage::sqlite::open::writer_options;

    /// Says which storage key is in use, which a restore has checked; sqlx's own; taken over whole; cut again where the
    /// backup has what was cut since.
    const NOTHING_TO_TAKE_OVER: [&str; 4] = ["meta", "_sqlx_migrations", "audit_log", "audit_cuts"];

    #[tokio::test]
    async fn every_table_has_a_rule_of_what_a_restore_takes_over() {
        let folder = tempfile::tempdir().unwrap();
        let options = writer_options(&folder.path().join("relay.db")).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        migrations::migrate(&mut connection).await.unwrap();
        let tables =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();

        connection.close().await.unwrap();
        assert!(tables.len() > 10, "{tables:?}");
        for table in &tables {
            let table = table.as_str();
            let has_rule = BY_ID.contains(&table) || RULES.iter().any(|(of, _)| *of == table);
            assert!(has_rule || NOTHING_TO_TAKE_OVER.contains(&table), "what of {table} after a restore?");
        }
    }
}
