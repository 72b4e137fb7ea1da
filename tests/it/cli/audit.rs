//! `sealpush audit`.

use serde_json::{Value, json};

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
    let verdict = terminal.json(&["audit", "verify", "--dev"]);
    assert_eq!((&verdict["intact"], &verdict["head"]["sequence"]), (&json!(true), &json!(1)));
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

/// An exported log of three entries, and its lines.
fn exported(terminal: &Terminal) -> (String, Vec<Value>) {
    for name in ["a", "b", "c"] {
        terminal.ok(&["sender", "add", name, "--dev"]);
    }
    let file = terminal.place.path("audit.jsonl").display().to_string();
    says(&terminal.ok(&["audit", "export", "--dev", &file]), &["has 3 entries", "whole"]);
    let text = std::fs::read_to_string(&file).unwrap();
    (file, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn write_lines(file: &str, lines: &[Value]) {
    let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
    std::fs::write(file, lines.join("\n") + "\n").unwrap();
}

#[test]
fn an_exported_log_is_proved_without_the_relay() {
    let terminal = Terminal::new();
    let (file, lines) = exported(&terminal);
    std::fs::remove_file(terminal.place.path("sealpush.toml")).unwrap();

    says(&terminal.ok(&["audit", "verify", "--file", &file]), &["whole", "entry 3"]);

    let noted = lines[2]["hash"].as_str().unwrap();
    says(&terminal.ok(&["audit", "verify", "--file", &file, "--head", noted]), &["entry 2"]);
    let other = "ab".repeat(32);
    let answer = terminal.run(&["audit", "verify", "--file", &file, "--head", &other]);
    assert_eq!(answer.code, 1);
    says(&answer.out, &["written anew"]);
    let answer = terminal.run(&["audit", "export", &file]);
    assert_ne!(answer.code, 0, "an export is never overwritten");
}

type Forgery = fn(&mut Vec<Value>);

#[test]
fn an_exported_log_that_was_cut_swapped_or_edited_shows() {
    let terminal = Terminal::new();
    let (file, lines) = exported(&terminal);
    let forgeries: [(Forgery, &str); 6] = [
        (|lines| lines[2]["subject"] = json!("someone else"), "broken at entry 2"),
        (|lines| lines.swap(1, 2), "broken at entry 2"),
        (|lines| drop(lines.remove(2)), "broken at entry 3"),
        (|lines| drop(lines.drain(1..2)), "broken at entry 2"),
        (|lines| drop(lines.remove(3)), "missing at its end"),
        (|lines| drop(lines.pop()), "its last line is missing"),
    ];
    for (forge, problem) in forgeries {
        let mut forged = lines.clone();
        forge(&mut forged);
        write_lines(&file, &forged);

        let answer = terminal.run(&["audit", "verify", "--file", &file]);

        assert_eq!(answer.code, 1, "{problem}");
        says(&(answer.out + &answer.err), &[problem]);
    }
}
