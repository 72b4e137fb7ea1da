//! `sealpush keys generate|list|rotate`: the relay's own keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use sealpush_seal::registration::{LongTermPublicKey, PublishedKey, RegistrationPublicKey};
use serde_json::Value;

use super::Terminal;
use super::terminal::Running;
use crate::config::says;
use crate::support::Client;

const SECTION: &str = "[registration_keys]\nlong_term_key_file = 'own.key'\nring_file = 'own.json'\n";

/// A terminal at a relay with registration keys of its own, and what `generate` said.
fn relay() -> (Terminal, Value) {
    let terminal = Terminal::new();
    let config = fs::read_to_string(terminal.place.path("sealpush.toml")).unwrap();
    terminal.place.write("sealpush.toml", &format!("{config}{SECTION}"));
    let made = terminal.json(&["keys", "generate", "registration"]);
    (terminal, made)
}

/// What apps read at the running relay.
async fn published(relay: &Running) -> Value {
    let relay = Client::Tcp(relay.address.parse().unwrap());
    relay.get("/v1/relay", None).await.json()["registration_keys"].clone()
}

/// The keys of one kind, as a list says.
fn of_kind<'a>(list: &'a Value, kind: &str) -> Vec<&'a Value> {
    list["keys"].as_array().unwrap().iter().filter(|key| key["kind"] == kind).collect()
}

#[test]
fn generated_keys_lie_where_the_config_says_for_their_owner_alone() {
    let (terminal, made) = relay();
    for file in ["own.key", "own.json"] {
        let bits = fs::metadata(terminal.place.path(file)).unwrap().permissions().mode();
        assert_eq!(bits & 0o777, 0o600, "{file}");
    }
    let list = terminal.json(&["keys", "list", "--dev"]);
    assert_eq!(of_kind(&list, "long_term")[0]["public"], made["long_term_public"]);
    let registration = of_kind(&list, "registration");
    assert_eq!(registration.len(), 1);
    assert_eq!(registration[0]["id"], made["registration_key"]["id"]);
    assert_eq!(registration[0]["state"], "current");
}

#[test]
fn keys_that_are_there_are_never_overwritten() {
    let (terminal, _) = relay();
    let before = fs::read(terminal.place.path("own.json")).unwrap();
    for (what, file) in [("registration", "own.json"), ("storage", "storage.key")] {
        let again = terminal.run(&["keys", "generate", what]);
        assert_eq!(again.code, 1);
        says(&again.err, &[file, "is there already", "nothing is ever overwritten"]);
    }
    assert_eq!(fs::read(terminal.place.path("own.json")).unwrap(), before);
}

#[test]
fn a_generated_storage_key_is_one_that_the_relay_takes() {
    let (terminal, _) = relay();
    fs::remove_file(terminal.place.path("storage.key")).unwrap();
    let made = terminal.json(&["keys", "generate", "storage"]);
    let list = terminal.json(&["keys", "list", "--dev"]);
    assert_eq!(of_kind(&list, "storage")[0]["id"], made["id"]);
}

#[tokio::test]
async fn a_rotated_key_is_published_by_the_running_relay_at_once_and_the_one_before_stays() {
    let (terminal, made) = relay();
    let running = terminal.serve();

    let list = terminal.json(&["keys", "rotate", "registration", "--dev"]);

    let (new, old) = (of_kind(&list, "registration")[0].clone(), of_kind(&list, "registration")[1].clone());
    assert_eq!((&new["state"], &old["state"]), (&"current".into(), &"previous".into()));
    assert_eq!(
        (&old["id"], &old["valid_until"]),
        (&made["registration_key"]["id"], &made["registration_key"]["valid_until"])
    );
    let published = published(&running).await;
    let keys: Vec<_> = published.as_array().unwrap().iter().map(|key| key["key"].clone()).collect();
    assert_eq!(keys, [new["public"].clone(), old["public"].clone()]);
    let audit = terminal.acts();
    assert_eq!((&audit[0]["action"], &audit[0]["subject"]), (&"registration_key.rotate".into(), &new["id"]));
}

#[tokio::test]
async fn what_is_published_holds_under_the_long_term_key_that_was_printed() {
    let (terminal, made) = relay();
    let running = terminal.serve();
    let key = published(&running).await[0].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let ms = |name: &str| {
        let format = &time::format_description::well_known::Rfc3339;
        let at = time::OffsetDateTime::parse(&text(&key[name]), format).unwrap();
        u64::try_from(at.unix_timestamp()).unwrap() * 1000
    };
    let signature = sealpush_seal::base64url::decode(&text(&key["signature"])).unwrap();
    let published = PublishedKey {
        key: RegistrationPublicKey::from_base64url(&text(&key["key"])).unwrap(),
        valid_from_ms: ms("valid_from"),
        valid_until_ms: ms("valid_until"),
        signature: signature.try_into().unwrap(),
    };
    let long_term = LongTermPublicKey::from_base64url(&text(&made["long_term_public"])).unwrap();
    published.verify(&long_term, ms("valid_from") + 1000).unwrap();
}

#[test]
fn without_a_relay_a_key_is_rotated_too_and_a_leaked_one_ended() {
    let (terminal, made) = relay();
    let ring = fs::read_to_string(terminal.place.path("own.json")).unwrap();
    // As if it had been made yesterday: a key of this very second could not have been valid for any time.
    let from = made["registration_key"]["valid_from"].as_str().unwrap();
    terminal.place.write("own.json", &ring.replace(from, "2026-01-01T00:00:00Z"));

    let list = terminal.json(&["keys", "rotate", "registration", "--end-previous", "--dev"]);

    let keys = of_kind(&list, "registration");
    assert_eq!(keys.len(), 2);
    assert_eq!(
        (&keys[1]["id"], &keys[1]["valid_until"]),
        (&made["registration_key"]["id"], &keys[0]["valid_from"])
    );
    assert_eq!(fs::metadata(terminal.place.path("own.json")).unwrap().permissions().mode() & 0o777, 0o600);
    let audit = terminal.json(&["audit", "list", "--dev"])["entries"].clone();
    assert_eq!(audit[0]["detail"], "previous_ended=true");
}

#[test]
fn a_relay_without_registration_keys_is_told_how_to_get_some() {
    let terminal = Terminal::new();
    let refused = terminal.run(&["keys", "rotate", "registration", "--dev"]);
    assert_eq!(refused.code, 1);
    says(&refused.err, &["no [registration_keys]", "sealpush keys generate registration"]);
    let listed = terminal.run(&["keys", "list", "--dev"]);
    says(&listed.err, &["takes no sealed registrations", "sealpush keys generate registration"]);
}

#[test]
fn no_secret_is_printed() {
    let (terminal, _) = relay();
    let ring: Value =
        serde_json::from_str(&fs::read_to_string(terminal.place.path("own.json")).unwrap()).unwrap();
    let secrets = [
        ring["keys"][0]["private"].as_str().unwrap().to_owned(),
        fs::read_to_string(terminal.place.path("own.key")).unwrap().trim().to_owned(),
        fs::read_to_string(terminal.place.path("storage.key")).unwrap().trim().to_owned(),
    ];
    for command in [
        &["keys", "list", "--dev"][..],
        &["keys", "list", "--dev", "--json"],
        &["keys", "rotate", "registration", "--dev"],
    ] {
        let answer = terminal.run(command);
        for secret in &secrets {
            assert!(!answer.out.contains(secret) && !answer.err.contains(secret), "{command:?}");
        }
    }
}

#[test]
fn the_storage_key_is_rotated_while_the_relay_runs_and_without_one() {
    let (terminal, _) = relay();
    terminal.ok(&["sender", "add", "--dev", "A server"]);
    let current = |list: &Value| of_kind(list, "storage")[0]["id"].clone();
    let first = current(&terminal.json(&["keys", "list", "--dev"]));
    let running = terminal.serve();

    let second = terminal.json(&["keys", "rotate", "storage", "--dev"]);

    assert_eq!(of_kind(&second, "storage").len(), 1);
    assert_ne!(current(&second), first);
    assert_eq!(fs::read_to_string(terminal.place.path("storage.key")).unwrap().lines().count(), 1);
    drop(running);
    let third = terminal.json(&["keys", "rotate", "storage", "--dev"]);
    assert_ne!(current(&third), current(&second));
    assert_eq!(terminal.json(&["sender", "list", "--dev"])["senders"].as_array().unwrap().len(), 1);
    let audit = terminal.acts();
    let actions: Vec<_> = audit.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let rotation = ["storage_key.rotate", "storage_key.drop"];
    assert_eq!(actions, [&["sender.add"][..], &rotation, &rotation].concat());
}

#[test]
fn a_rotation_that_was_cut_off_after_the_file_was_written_goes_on() {
    let (terminal, _) = relay();
    terminal.ok(&["sender", "add", "--dev", "A server"]);
    let old = fs::read_to_string(terminal.place.path("storage.key")).unwrap();
    let new = sealpush_seal::base64url::encode(&[7; 32]);
    terminal.place.write("storage.key", &format!("{new}\n{old}"));
    assert_eq!(
        terminal.run(&["check", "--offline", "--dev"]).out.matches("the second of two storage keys").count(),
        1
    );

    // A relay that starts begins by itself what the command could not.
    let mut running = terminal.serve();
    running.read_until("everything is under the new storage key");
    assert!(terminal.run(&["check", "--offline", "--dev"]).out.contains("still in the key file"));
    let answer = terminal.run(&["keys", "rotate", "storage", "--dev"]);

    assert_eq!(answer.code, 0, "{}", answer.err);
    says(&answer.err, &["going on with the rotation"]);
    assert_eq!(fs::read_to_string(terminal.place.path("storage.key")).unwrap(), format!("{new}\n"));
}

#[test]
fn a_database_whose_second_key_is_lost_says_what_to_do() {
    let (terminal, _) = relay();
    terminal.ok(&["sender", "add", "--dev", "A server"]);
    terminal.place.write("storage.key", &sealpush_seal::base64url::encode(&[7; 32]));
    let refused = terminal.run(&["sender", "list", "--dev"]);
    says(&refused.err, &["kept under another storage key", "second line"]);
    says(&terminal.run(&["check", "--offline", "--dev"]).out, &["look into your copies"]);
}
