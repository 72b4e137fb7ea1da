//! `sealpush app`.

use std::os::unix::fs::PermissionsExt;

use super::Terminal;
use crate::config::says;
use sealpush::model::Confirm;

const FCM: [&str; 3] = ["--dev", "--fcm-service-account", "fcm-service-account.json"];

fn add<'a>(id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["app", "add", id], more].concat()
}

#[test]
fn adding_an_app_writes_a_private_file_that_the_relay_takes() {
    let terminal = Terminal::new();
    let apns = ["--apns-key", "apns.p8", "--apns-key-id", "KEY0000002", "--apns-team-id", "TEAM000002"];
    let more = ["--apns-topic", "org.example.mail", "--apns-environment", "sandbox", "--badge"];
    let words = ["--confirm", "off", "--placeholder", "Say \"hi\" \\ ü"];
    terminal.ok(&add("mail", &[&FCM[..], &apns, &more, &words].concat()));
    let metadata = std::fs::metadata(terminal.place.path("apps/mail.toml")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    let app = terminal.place.load().unwrap().apps.remove(1);
    assert_eq!((app.app.id.as_str(), app.app.placeholder.as_str()), ("mail", "Say \"hi\" \\ ü"));
    assert!(app.app.badge_allowed && !app.app.sound_allowed && app.fcm.is_some());
    assert_eq!(app.apns.unwrap().topic, "org.example.mail");
    let listed = terminal.ok(&["app", "list", "--dev"]);
    says(&listed, &["chat", "mail", "apns, fcm", "seal_or_omit"]);
}

#[test]
fn adding_an_app_is_in_the_audit_log() {
    let terminal = Terminal::new();
    terminal.ok(&add("mail", &[&FCM[..], &["--confirm", "off"]].concat()));
    let entry = &terminal.json(&["audit", "list", "--dev"])["entries"][0];
    assert_eq!((&entry["action"], &entry["subject"]), (&"app.add".into(), &"mail".into()));
}

#[test]
fn where_no_relay_runs_nothing_is_held_that_could_be_released() {
    let terminal = Terminal::new();
    let answer = terminal.run(&["app", "release", "chat", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["no relay runs", "nothing is held"]);
}

#[test]
fn an_app_file_is_never_overwritten() {
    let terminal = Terminal::new();
    let before = std::fs::read(terminal.place.path("apps/chat.toml")).unwrap();
    let answer = terminal.run(&add("chat", &[&FCM[..], &["--confirm", "off"]].concat()));
    assert_eq!(answer.code, 1);
    says(&answer.err, &["apps/chat.toml", "exists already"]);
    assert_eq!(std::fs::read(terminal.place.path("apps/chat.toml")).unwrap(), before);
}

#[test]
fn an_app_that_the_relay_would_refuse_leaves_nothing_behind() {
    let terminal = Terminal::new();
    let answer =
        terminal.run(&add("mail", &["--dev", "--confirm", "off", "--fcm-service-account", "apns.p8"]));
    assert_eq!(answer.code, 1);
    says(&answer.err, &["fcm.service_account_file", "not a service-account file"]);
    assert!(!terminal.place.path("apps/mail.toml").exists());
    assert_eq!(terminal.json(&["audit", "list", "--dev"])["entries"], serde_json::json!([]));
}

#[test]
fn an_app_asks_for_the_proof_unless_it_is_said_otherwise() {
    let terminal = Terminal::new();
    terminal.ok(&add("mail", &FCM));
    terminal.ok(&add("news", &[&FCM[..], &["--confirm", "off"]].concat()));
    let apps = terminal.place.load().unwrap().apps;
    let confirm = |id: &str| apps.iter().find(|app| app.app.id.as_str() == id).unwrap().app.confirm;
    assert_eq!((confirm("mail"), confirm("news")), (Confirm::Required, Confirm::Off));
}

#[test]
fn a_running_relay_lists_what_it_serves_and_takes_new_apps_at_a_restart() {
    let terminal = Terminal::new();
    let relay = terminal.serve();
    let answer = terminal.run(&add("mail", &[&FCM[..], &["--confirm", "off"]].concat()));
    assert_eq!(answer.code, 0, "{}", answer.err);
    says(&answer.err, &["Restart the relay"]);
    assert_eq!(terminal.json(&["app", "list", "--dev"])["apps"].as_array().unwrap().len(), 1);
    drop(relay);
    let _again = terminal.serve();
    assert_eq!(terminal.json(&["app", "list", "--dev"])["apps"].as_array().unwrap().len(), 2);
}
