//! `sealpush audit`.

use super::Terminal;
use crate::config::says;

#[test]
fn every_change_is_in_the_audit_log_by_id_and_never_by_name() {
    let terminal = Terminal::new();
    let id = terminal.json(&["sender", "add", "canary-name", "--dev"])["id"].as_str().unwrap().to_owned();
    for change in ["suspend", "resume"] {
        terminal.ok(&["sender", change, &id, "--dev"]);
    }
    terminal.ok(&["sender", "erase", &id, "--yes", "--dev"]);
    let log = terminal.json(&["audit", "list", "--dev"]);
    let actions: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["sender.add", "sender.suspend", "sender.resume", "sender.erase"]);
    let text = terminal.ok(&["audit", "list", "--dev"]);
    says(&text, &["operator", &id, "content_policy=sealed_only"]);
    assert!(!text.contains("canary-name"), "{text}");
}

#[test]
fn a_whole_log_is_verified_with_exit_code_0() {
    let terminal = Terminal::new();
    terminal.ok(&["sender", "add", "a", "--dev"]);
    says(&terminal.ok(&["audit", "verify", "--dev"]), &["whole"]);
    assert_eq!(terminal.json(&["audit", "verify", "--dev"]), serde_json::json!({"intact": true}));
}

#[tokio::test]
async fn a_log_that_was_changed_from_outside_is_named_with_exit_code_1() {
    use sqlx::{ConnectOptions, Connection};
    let terminal = Terminal::new();
    for name in ["a", "b", "c"] {
        terminal.ok(&["sender", "add", name, "--dev"]);
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(terminal.place.path("sealpush.db"));
    let mut database = options.connect().await.unwrap();
    let triggers: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    for trigger in triggers {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}")))
            .execute(&mut database)
            .await
            .unwrap();
    }
    let changed = sqlx::query("UPDATE audit_log SET subject = 'someone else' WHERE sequence = 2")
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    database.close().await.unwrap();
    let answer = terminal.run(&["audit", "verify", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.out, &["broken at entry 2"]);
}
