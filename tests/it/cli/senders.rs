//! `sealpush sender`.

use sealpush::model::{BearerToken, TokenKindPrefix};

use super::Terminal;
use crate::config::says;

fn add(terminal: &Terminal, name: &str) -> String {
    terminal.json(&["sender", "add", name, "--dev"])["id"].as_str().unwrap().to_owned()
}

#[test]
fn adding_a_sender_prints_its_credential_once_and_stores_a_hash() {
    let terminal = Terminal::new();
    let added = terminal.json(&["sender", "add", "chat.example.org", "--dev"]);
    let credential = added["credential"].as_str().unwrap();
    BearerToken::parse(TokenKindPrefix::Sender, credential).unwrap();
    assert_eq!(added["content_policy"], "sealed_only");
    let listed = terminal.ok(&["sender", "list", "--dev"]);
    says(&listed, &["chat.example.org", "active", "sealed_only", added["id"].as_str().unwrap()]);
    assert!(!listed.contains("sp_s_"), "{listed}");
    let database = std::fs::read(terminal.place.path("sealpush.db")).unwrap();
    let secret = &credential.as_bytes()[30..60];
    assert!(!database.windows(secret.len()).any(|bytes| bytes == secret));
}

#[test]
fn a_sender_is_suspended_resumed_and_erased() {
    let terminal = Terminal::new();
    let id = add(&terminal, "a");
    let state = || terminal.json(&["sender", "list", "--dev"])["senders"][0]["state"].clone();
    terminal.ok(&["sender", "suspend", &id, "--dev"]);
    assert_eq!(state(), "suspended");
    terminal.ok(&["sender", "resume", &id, "--dev"]);
    assert_eq!(state(), "active");
    terminal.ok(&["sender", "erase", &id, "--yes", "--dev"]);
    assert_eq!(state(), serde_json::Value::Null);
}

#[test]
fn erasing_without_a_yes_from_a_script_is_refused() {
    let terminal = Terminal::new();
    let id = add(&terminal, "a");
    let answer = terminal.run(&["sender", "erase", &id, "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["cannot be undone", "--yes"]);
    assert_eq!(terminal.json(&["sender", "list", "--dev"])["senders"].as_array().unwrap().len(), 1);
}

#[test]
fn a_sender_that_does_not_exist_is_named() {
    let id = "0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d";
    let answer = Terminal::new().run(&["sender", "suspend", id, "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["There is no sender", id, "sealpush sender list"]);
}

#[test]
fn an_unusable_name_is_refused() {
    let answer = Terminal::new().run(&["sender", "add", "", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["name", "1 to 80 bytes"]);
}

#[test]
fn commands_speak_to_the_running_relay() {
    let terminal = Terminal::new();
    let relay = terminal.serve();
    let id = add(&terminal, "while it runs");
    terminal.ok(&["sender", "suspend", &id, "--dev"]);
    drop(relay);
    let listed = terminal.json(&["sender", "list", "--dev"]);
    assert_eq!(
        (&listed["senders"][0]["id"], &listed["senders"][0]["state"]),
        (&id.into(), &"suspended".into())
    );
}

#[test]
fn a_relay_that_does_not_listen_on_its_socket_keeps_its_database() {
    let terminal = Terminal::new();
    let _relay = terminal.serve();
    std::fs::remove_file(terminal.place.path("operator.sock")).unwrap();
    let answer = terminal.run(&["sender", "list", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["a relay seems to run", "operator.sock", "another process uses the database"]);
}

#[test]
fn a_command_of_another_user_makes_no_files_that_the_relay_could_not_open() {
    let terminal = Terminal::new();
    let directory = terminal.place.path("elsewhere");
    std::fs::create_dir(&directory).unwrap();
    // Only root can give a directory away; for everybody else, the root directory is another user's.
    let given = std::os::unix::fs::chown(&directory, Some(65_534), None).is_ok();
    let path = if given { directory.join("relay.db") } else { "/relay-of-root.db".into() };
    terminal.place.config(&format!("path = '{}'\n", path.display()));
    let answer = terminal.run(&["sender", "list", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["belongs to user", "Run this as the relay's user"]);
    assert!(!path.exists());
}
