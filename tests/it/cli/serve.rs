//! `sealpush serve` and `sealpush migrate`.

use std::os::unix::fs::PermissionsExt;

use super::Terminal;
use crate::config::says;

#[test]
fn a_relay_stops_in_order_when_it_is_asked_to() {
    for signal in ["TERM", "INT"] {
        let terminal = Terminal::new();
        let mut relay = terminal.serve();
        relay.signal(signal);
        says(&relay.read_until("stopped"), &["stopping", &format!("SIG{signal}")]);
        assert!(relay.ended().success());
        assert!(!terminal.place.path("operator.sock").exists());
    }
}

#[test]
fn the_operators_socket_is_its_users_alone() {
    let terminal = Terminal::new();
    let _relay = terminal.serve();
    let mode = std::fs::metadata(terminal.place.path("operator.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_second_relay_on_one_database_is_refused() {
    let terminal = Terminal::new();
    let _relay = terminal.serve();
    let answer = terminal.run(&["serve", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["another process uses the database"]);
}

#[test]
fn serve_says_openly_what_it_does_not_check() {
    let terminal = Terminal::new();
    let _relay = terminal.serve();
    let shown = terminal.run(&["serve", "--dev"]).out;
    says(
        &shown,
        &["127.0.0.1:0 (plain HTTP", "chat: apns and fcm, seal_or_omit", "confirm off", "not checked"],
    );
    says(&shown, &["kept for 24 h", "published example keys", "https://api.push.apple.com"]);
}

#[test]
fn serve_refuses_the_published_keys_for_real() {
    let terminal = Terminal::new();
    let answer = terminal.run(&["serve"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["published example key", "--dev"]);
    assert!(!terminal.place.path("sealpush.db").exists());
}

#[test]
fn migrate_makes_the_database_and_says_so() {
    let terminal = Terminal::new();
    says(&terminal.ok(&["migrate", "--dev"]), &["sealpush.db", "schema of this release"]);
    terminal.ok(&["migrate", "--dev"]);
}

#[test]
fn migrate_leaves_a_running_relays_database_alone() {
    let terminal = Terminal::new();
    let _relay = terminal.serve();
    let answer = terminal.run(&["migrate", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["another process uses the database"]);
}
