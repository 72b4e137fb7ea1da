//! `sealpush sharing` and `sender usage`: an administrator decides, and an operator reads.

use serde_json::Value;

use super::Terminal;
use super::terminal::Running;
use crate::config::says;

/// A running relay with its operator, and a server that joined it.
fn joined() -> (Terminal, Running, Terminal) {
    let operator = Terminal::new();
    let running = operator.serve();
    let made = operator.json(&["sender", "invite", "--dev"]);
    let code = made["invites"][0]["code"].as_str().unwrap().to_owned();
    let server = Terminal::new();
    server.ok(&["join", &format!("http://{}", running.address), &code]);
    (operator, running, server)
}

fn states(server: &Terminal) -> Vec<Value> {
    let shown = server.json(&["sharing", "show"]);
    shown["categories"].as_array().unwrap().iter().map(|one| one["state"].clone()).collect()
}

#[test]
fn a_category_is_shared_after_its_wording_was_read_and_no_longer_when_it_is_off() {
    let (_operator, _running, server) = joined();
    assert_eq!(states(&server), ["off", "off", "off", "off"]);

    let unasked = server.run(&["sharing", "on", "volume"]);
    assert_eq!(unasked.code, 1);
    says(&unasked.out, &["volume (wording 1)", "at least 5 devices", "after 90 days"]);
    says(&unasked.err, &["--wording 1"]);
    server.ok(&["sharing", "on", "volume", "--wording", "1"]);
    server.ok(&["sharing", "on", "devices", "--wording", "1"]);
    assert_eq!(states(&server), ["on", "on", "off", "off"]);

    says(&server.ok(&["sharing", "off", "volume"]), &["volume is not shared"]);
    assert_eq!(states(&server), ["off", "on", "off", "off"]);
    assert_eq!(server.run(&["sharing", "on", "volume", "--wording", "9"]).code, 1);
}

#[test]
fn an_address_is_shown_to_the_operator_as_long_as_it_is_shared() {
    let (operator, _running, server) = joined();
    assert_eq!(operator.json(&["sender", "usage", "--dev"])["senders"], Value::Array(Vec::new()));
    assert_eq!(server.run(&["sharing", "on", "contact", "--wording", "1"]).code, 1);

    let address = ["--address", "security@example.org", "--wording", "1"];
    server.ok(&[&["sharing", "on", "contact"], &address[..]].concat());

    says(&server.ok(&["sharing", "show"]), &["contact", "security@example.org"]);
    says(&server.ok(&["sharing", "usage", "--csv"]), &["contact,,,,security@example.org"]);
    let csv = operator.ok(&["sender", "usage", "--csv", "--dev"]);
    says(&csv, &["sender,category,day", ",contact,,,,security@example.org"]);
    says(&operator.ok(&["sender", "usage", "--dev"]), &["contact   security@example.org"]);
    server.ok(&["sharing", "off", "contact"]);
    says(&operator.ok(&["sender", "usage", "--dev"]), &["No sender shares anything"]);
    says(&server.ok(&["sharing", "usage"]), &["Nothing is shared"]);
}

#[test]
fn a_preview_shows_the_words_and_the_values_and_stores_nothing() {
    let (_operator, _running, server) = joined();

    let preview = server.ok(&["sharing", "preview"]);

    let version = env!("CARGO_PKG_VERSION");
    says(&preview, &["volume (wording 1)", "contact (wording 1)", &format!("software  sealpush {version}")]);
    assert_eq!(server.json(&["sharing", "usage"])["software"], Value::Null);
    says(&server.ok(&["sharing", "erase"]), &["erased"]);
}
