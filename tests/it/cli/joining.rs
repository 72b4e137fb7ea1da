//! `sealpush sender invite`, `join`, `self` and `credential`: two administrators, each at a terminal.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{Answer, Terminal};
use crate::config::says;

/// A running relay with its operator, and the address at which servers reach it.
fn relay() -> (Terminal, super::terminal::Running, String) {
    let terminal = Terminal::new();
    let running = terminal.serve();
    let url = format!("http://{}", running.address);
    (terminal, running, url)
}

fn invite(operator: &Terminal) -> String {
    let made = operator.json(&["sender", "invite", "--dev"]);
    made["invites"][0]["code"].as_str().unwrap().to_owned()
}

fn keys(terminal: &Terminal, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(terminal.place.path(file)).unwrap()).unwrap()
}

#[test]
fn an_invite_is_printed_as_the_command_that_uses_it_and_stored_as_a_hash() {
    let terminal = Terminal::new();
    let Answer { out, err, .. } =
        terminal.run(&["sender", "invite", "--count", "2", "--expires", "12h", "--dev"]);
    let codes: Vec<_> = out.lines().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 2, "{out}{err}");
    says(&out, &["sealpush join https://YOUR-RELAY sp_i_"]);
    says(&err, &["shown this once", "relay.public_url"]);
    let database = std::fs::read(terminal.place.path("sealpush.db")).unwrap();
    for code in &codes {
        assert!(!database.windows(30).any(|bytes| bytes == &code.as_bytes()[30..60]));
    }
    let listed = terminal.json(&["sender", "invites", "--dev"]);
    let id = listed["invites"][0]["id"].as_str().unwrap();
    terminal.ok(&["sender", "revoke-invite", id, "--dev"]);
    assert_eq!(terminal.json(&["sender", "invites", "--dev"])["invites"].as_array().unwrap().len(), 1);
}

#[test]
fn who_joins_has_a_key_file_that_works_and_a_credential_that_the_relay_never_saw() {
    let (operator, _running, url) = relay();
    let code = invite(&operator);
    let server = Terminal::new();
    let joined = server.json(&["join", &url, &code, "--name", "chat.example.org"]);

    let mode = std::fs::metadata(server.place.path("server.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let file = keys(&server, "server.json");
    assert_eq!((&file["sender"], &file["relay"]), (&joined["sender"], &Value::from(url)));
    let own = server.json(&["self", "show"]);
    assert_eq!((&own["id"], &own["name"]), (&joined["sender"], &Value::from("chat.example.org")));
    says(&operator.ok(&["sender", "list", "--dev"]), &["chat.example.org", "sealed_only"]);
}

#[test]
fn the_same_command_again_goes_on_where_it_stopped_and_needs_no_second_invite() {
    let (operator, _running, url) = relay();
    let code = invite(&operator);
    let server = Terminal::new();
    let first = server.json(&["join", &url, &code]);
    // As if the answer had been lost.
    let mut file = keys(&server, "server.json");
    file.as_object_mut().unwrap().remove("sender");
    server.place.write("server.json", &file.to_string()).set_mode("server.json", 0o600);

    let again = server.json(&["join", &url, &code]);

    assert_eq!(again, first);
    assert_eq!(operator.json(&["sender", "list", "--dev"])["senders"].as_array().unwrap().len(), 1);
}

#[test]
fn a_refused_server_is_told_why_and_left_without_a_useless_file() {
    let (operator, _running, url) = relay();
    let code = invite(&operator);
    let server = Terminal::new();
    server.ok(&["join", &url, &code]);
    for (arguments, parts) in [
        (vec!["join", &url, &code], vec!["server.json", "already", "--keys"]),
        (vec!["join", &url, &code, "--keys", "b.json"], vec!["invite_used", "operator"]),
        (vec!["join", &url, "--keys", "b.json"], vec!["invite_needed"]),
        (vec!["join", "http://push.example.org", &code, "--keys", "b.json"], vec!["plain HTTP"]),
    ] {
        let answer = server.run(&arguments);
        assert_eq!(answer.code, 1, "{arguments:?}");
        says(&answer.err, &parts);
        assert!(!server.place.path("b.json").exists(), "{arguments:?}");
    }
}

#[test]
fn a_relay_that_cannot_be_reached_loses_no_credential() {
    let server = Terminal::new();
    let answer = server.run(&["join", "http://127.0.0.1:1", "sp_i_x"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["not joined yet", "run the same command again", "cannot connect"]);
    let credential = keys(&server, "server.json")["credential"].clone();
    server.run(&["join", "http://127.0.0.1:1", "sp_i_x"]);
    assert_eq!(keys(&server, "server.json")["credential"], credential);
}

#[test]
fn a_credential_is_rotated_in_the_key_file() {
    let (operator, _running, url) = relay();
    let server = Terminal::new();
    server.ok(&["join", &url, &invite(&operator)]);
    std::fs::copy(server.place.path("server.json"), server.place.path("old.json")).unwrap();

    says(&server.ok(&["credential", "rotate"]), &["is in the key file", "is removed"]);

    let list = server.json(&["credential", "list"]);
    assert_eq!(list["credentials"].as_array().unwrap().len(), 1);
    says(&server.run(&["self", "show", "--keys", "old.json"]).err, &["401", "credential_invalid"]);
    says(&server.ok(&["credential", "rotate", "--keep-old"]), &["goes on counting"]);
    assert_eq!(server.json(&["credential", "list"])["credentials"].as_array().unwrap().len(), 2);
}

#[test]
fn a_further_credential_does_what_it_was_made_for_until_it_is_revoked() {
    let (operator, _running, url) = relay();
    let server = Terminal::new();
    server.ok(&["join", &url, &invite(&operator)]);
    let added = server.json(&["credential", "add", "--scope", "notify", "--expires", "90d"]);
    let mut file = keys(&server, "server.json");
    file["credential"] = added["credential"].clone();
    server.place.write("other.json", &file.to_string()).set_mode("other.json", 0o600);

    let own = server.json(&["self", "show", "--keys", "other.json"]);
    assert_eq!(own["credential"]["scopes"], serde_json::json!(["notify"]));
    says(&server.run(&["credential", "list", "--keys", "other.json"]).err, &["403", "scope_missing"]);
    says(&server.run(&["credential", "rotate", "--keys", "other.json"]).err, &["lacks the scope admin"]);
    server.ok(&["credential", "revoke", added["id"].as_str().unwrap()]);
    says(&server.run(&["self", "show", "--keys", "other.json"]).err, &["401"]);
}

#[test]
fn a_sender_is_changed_and_erased_by_its_administrator() {
    let (operator, _running, url) = relay();
    let server = Terminal::new();
    server.ok(&["join", &url, &invite(&operator)]);
    assert_eq!(server.run(&["self", "change"]).code, 1);
    says(
        &server.ok(&["self", "change", "--name", "forum", "--content-policy", "seal_or_omit"]),
        &["forum", "seal_or_omit"],
    );
    says(&server.run(&["self", "erase"]).err, &["--yes"]);

    says(&server.ok(&["self", "export", "held.jsonl"]), &["held.jsonl has"]);
    let held = std::fs::read_to_string(server.place.path("held.jsonl")).unwrap();
    says(&held, &["\"table\":\"credentials\"", "\"column\":\"secret_hash\""]);
    says(
        &server.ok(&["self", "erase", "--yes"]),
        &["was erased at", "credentials", "entry in the audit log"],
    );

    assert_eq!(operator.json(&["sender", "list", "--dev"])["senders"], serde_json::json!([]));
}

#[test]
fn a_sender_that_lost_its_credentials_gets_one_from_the_operator() {
    let (operator, _running, url) = relay();
    let server = Terminal::new();
    let joined = server.json(&["join", &url, &invite(&operator)]);
    let id = joined["sender"].as_str().unwrap();
    let mut file = keys(&server, "server.json");
    file["credential"] = operator.json(&["sender", "credential", id, "--dev"])["credential"].clone();
    server.place.write("server.json", &file.to_string()).set_mode("server.json", 0o600);

    assert_eq!(server.json(&["self", "show"])["id"], joined["sender"]);
}

#[test]
fn an_operator_token_is_made_listed_and_revoked() {
    let terminal = Terminal::new();
    let added = terminal.json(&["operator", "token", "add", "--role", "owner", "--expires", "1d", "--dev"]);
    assert!(added["token"].as_str().unwrap().starts_with("sp_o_"));
    let listed = terminal.ok(&["operator", "token", "list", "--dev"]);
    says(&listed, &[added["id"].as_str().unwrap(), "owner", "never"]);
    assert!(!listed.contains("sp_o_"));
    terminal.ok(&["operator", "token", "revoke", added["id"].as_str().unwrap(), "--dev"]);
    assert_eq!(terminal.json(&["operator", "token", "list", "--dev"])["tokens"], serde_json::json!([]));
    assert_eq!(terminal.run(&["operator", "token", "add", "--expires", "1w", "--dev"]).code, 2);
}
