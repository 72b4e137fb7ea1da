//! Key files and addresses: what is wrong is said in words, and never with a key in them.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::program::{Program, credential};

const CONTENT: &str = r#"{"title":"t","body":"b"}"#;

fn error(program: &Program) -> String {
    let answer = program.run(&["send", "--keys", "server.json", "--retry-for", "0"], CONTENT);
    assert_eq!(answer.code, 1, "{answer:?}");
    answer.err
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let program = Program::new();
    program.server("https://localhost:1", &credential(), &program.identity().0, &json!([]));
    let file = program.path("server.json");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = error(&program);
    assert!(error.contains("0644") && error.contains("chmod 600"), "{error}");
}

#[test]
fn what_is_wrong_in_a_key_file_is_named_without_its_secrets() {
    let program = Program::new();
    let (identity, public) = program.identity();
    let device = program.device("phone", &public);
    let (good, relay) = (credential(), "https://localhost:1");
    let mistyped = format!("{}x", &good[..good.len() - 1]);
    for (credential, identity, devices, says) in [
        (mistyped.as_str(), identity.as_str(), json!([device.entry()]), "credential: not a bearer token"),
        (good.as_str(), "AAAA", json!([device.entry()]), "identity_key: must be the 32 secret bytes"),
        (good.as_str(), identity.as_str(), json!([]), "the key file has no devices"),
        (good.as_str(), identity.as_str(), json!([{"subscription": "x"}]), "devices[0].subscription"),
        (
            good.as_str(),
            identity.as_str(),
            json!([device.entry(), device.entry()]),
            "devices[1].subscription: stands there twice",
        ),
        (
            good.as_str(),
            identity.as_str(),
            json!([{"subscription": device.subscription, "key": "x"}]),
            "unknown field `key`",
        ),
        (
            good.as_str(),
            identity.as_str(),
            json!([{"subscription": device.subscription, "subscription_key": "A".repeat(43)}]),
            "devices[0].subscription_key",
        ),
    ] {
        program.server(relay, credential, identity, &devices);
        let error = error(&program);
        assert!(error.contains(says), "{says}: {error}");
        assert!(!error.contains(&identity[..4]) || identity == "AAAA", "{error}");
        assert!(!error.contains(&credential[5..20]), "{error}");
    }
}

#[test]
fn an_address_that_does_not_answer_is_named() {
    let program = Program::new();
    let (identity, public) = program.identity();
    let devices = json!([program.device("phone", &public).entry()]);
    for (relay, says) in [
        ("https://127.0.0.1:1", "cannot connect to the relay at https://127.0.0.1:1"),
        ("http://push.example.org", "plain HTTP to another machine"),
        ("push.example.org", "is not an address such as https://push.example.org"),
    ] {
        program.server(relay, &credential(), &identity, &devices);
        let error = error(&program);
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_notification_that_is_none_is_refused_before_anything_is_sent() {
    let program = Program::new();
    let (identity, public) = program.identity();
    program.server(
        "https://127.0.0.1:1",
        &credential(),
        &identity,
        &json!([program.device("p", &public).entry()]),
    );
    for bad in [
        "",
        "{}",
        r#"{"title":"t"}"#,
        r#"{"title":"t","body":"b","x":1}"#,
        r#"{"title":"t","body":"b","data":[]}"#,
    ] {
        let answer = program.run(&["send", "--keys", "server.json"], bad);
        assert_eq!(answer.code, 1, "{bad}");
        assert!(answer.err.contains("title and body"), "{bad}: {answer:?}");
    }
    let long = json!({"title": "t", "body": "x".repeat(2_614)}).to_string();
    let answer = program.run(&["send", "--keys", "server.json"], &long);
    assert!(answer.err.contains("an envelope holds at most 2613"), "{answer:?}");
}
