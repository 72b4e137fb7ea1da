//! `sealpush demo` and `sealpush simulate-device`, run as processes.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::send::Program;

const PHONES: [(&str, &str, &str); 3] = [
    ("iPhone", "sealed_by_sender", "signed by its own server"),
    ("Android", "sealed_by_relay", "sealed by the relay"),
    ("old Android", "omitted", "placeholder"),
];

/// A process that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where a test waited for that.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpush"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running(command.spawn().unwrap())
}

fn document(content: Option<&str>) -> Value {
    let program = Program::new();
    match content {
        None => program.json(&["demo"], ""),
        Some(content) => program.json(&["demo", "--content", "-"], content),
    }
}

#[test]
fn the_demo_exits_0_and_its_document_has_the_four_views_of_three_phones() {
    let document = document(None);
    assert_eq!(document["passed"], true, "{document:#}");
    assert!(document["verdicts"].as_array().unwrap().iter().all(|verdict| verdict["holds"] == true));
    let notifications = document["notifications"].as_array().unwrap();
    assert_eq!(notifications.len(), 3);
    for (notification, (phone, form, provenance)) in notifications.iter().zip(PHONES) {
        assert_eq!((&notification["phone"], &notification["form"]), (&phone.into(), &form.into()));
        assert_eq!(notification["sent"]["answer"]["outcome"], "accepted");
        assert!(notification["stored"]["registration"]["device_token"]["bytes"].as_u64().unwrap() > 64);
        assert_eq!(notification["stored"]["waiting"], 0);
        assert_eq!(
            (&notification["seen"]["protocol"], &notification["seen"]["method"]),
            (&"HTTP/2.0".into(), &"POST".into())
        );
        assert_eq!(notification["shown"]["provenance"], provenance);
        let (sent, shown) = (&notification["sent"]["content"], &notification["shown"]);
        let opened = if form == "omitted" { &shown["fetched"] } else { &shown["content"] };
        assert_eq!(opened, sent);
        let seen = notification["seen"].to_string();
        assert!(!seen.contains(sent["body"].as_str().unwrap()), "{seen}");
    }
}

#[test]
fn the_users_own_notification_goes_out_in_every_form() {
    let document = document(Some(
        r#"{"title":"Hi","body":"Ünïcode — a secret of my own","data":{"k":["deep secret"]}}"#,
    ));
    assert_eq!(document["passed"], true, "{document:#}");
    assert_eq!(document["not_searched"], serde_json::json!(["Hi"]), "what is too short is said");
    for notification in document["notifications"].as_array().unwrap() {
        assert_eq!(notification["sent"]["content"]["body"], "Ünïcode — a secret of my own");
    }
}

#[test]
fn content_that_fits_no_envelope_is_refused_at_once() {
    let content = serde_json::json!({"title": "t", "body": "x".repeat(2_700)}).to_string();
    let answer = Program::new().run(&["demo", "--content", "-"], &content);
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("an envelope holds at most 2613"), "{answer:?}");
}

#[test]
fn without_a_terminal_the_demo_is_plain_text() {
    let answer = Program::new().run(&["demo"], "");
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(!answer.out.contains('\u{1b}'));
    for view in ["chat.example sent", "the relay stored", "Apple saw", "Google saw", "the old Android showed"]
    {
        assert!(answer.out.contains(view), "{view}: {}", answer.out);
    }
    assert_eq!(answer.out.matches("\n✓ ").count(), 9, "{}", answer.out);
    assert!(!answer.out.contains("\n✗ ") && answer.out.contains("What to do next:"));
}

#[test]
fn a_kept_demo_serves_one_more_phone_and_takes_its_folder_with_it() {
    let mut demo = start(&["demo", "--keep"]);
    let mut said = BufReader::new(demo.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("/records") {
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "the demo ended: {line}");
    }
    let folder = line.split("simulate-device --demo ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let mut phone = start(&[
        "simulate-device",
        "--demo",
        &folder,
        "--name",
        "Tablet",
        "--push-service",
        "fcm",
        "--count",
        "1",
    ]);
    let mut waiting = BufReader::new(phone.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Waiting") {
        assert_ne!(waiting.read_line(&mut line).unwrap(), 0, "the phone ended: {line}");
    }
    let keys = format!("{folder}/servers/chat.json");
    let sent = Program::new()
        .run(&["send", "--keys", &keys, "--to", "Tablet"], r#"{"title":"Hello","body":"Tablet"}"#);
    assert_eq!(sent.code, 0, "{sent:?}");
    let mut opened = String::new();
    phone.0.stdout.take().unwrap().read_to_string(&mut opened).unwrap();
    assert!(opened.contains("Hello\n  Tablet\n  ✓ signed by its own server"), "{opened}");
    assert!(phone.0.wait().unwrap().success());
    // By the shell's own `kill`: the program of that name is missing on a minimal system.
    let interrupt = format!("kill -s INT {}", demo.0.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    // What it prints is read before it is waited for, or a full pipe would hold it.
    let mut printed = String::new();
    demo.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert!(demo.0.wait().unwrap().success(), "{printed}");
    assert!(!std::path::Path::new(&folder).exists());
}
