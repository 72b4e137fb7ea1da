//! `seal` and `open` by hand, with keys that `keys` made.

use serde_json::{Value, json};

use super::program::{Program, credential};

const CONTENT: &str = r#"{"title":"Anna","body":"See you at eight?"}"#;

/// A sender that knows `phone`, and another device with the same server.
fn sender() -> Program {
    let program = Program::new();
    let (identity, public) = program.identity();
    let phone = program.device("phone", &public);
    program.device("other", &public);
    program.server("https://localhost:1", &credential(), &identity, &json!([phone.entry()]));
    program
}

#[test]
fn what_was_sealed_by_hand_opens_by_hand() {
    let program = sender();
    let sealed = program.json(&["seal", "--keys", "server.json", "--to", "phone"], CONTENT);
    assert_eq!(sealed["envelope_bytes"], 322);
    let envelope = sealed["envelope"].as_str().unwrap();
    let opened = program.json(&["open", "--keys", "phone.json"], envelope);
    assert_eq!(opened["content"]["body"], "See you at eight?");
    assert_eq!(
        (&opened["provenance"], &opened["delivery"]),
        (&json!("signed_by_sender"), &sealed["delivery"])
    );
    let shown = program.run(&["open", "--keys", "phone.json", envelope], "");
    assert_eq!((shown.code, shown.out.trim_end()), (0, CONTENT));
    assert!(shown.err.contains("signed by its own server"), "{shown:?}");
}

#[test]
fn an_envelope_can_be_sealed_for_a_key_that_is_in_no_file() {
    let program = sender();
    let (_, public) = program.identity();
    let stranger = program.device("stranger", &public);
    let (id, key) = (stranger.subscription.as_str(), stranger.subscription_key.as_str());
    let arguments = ["seal", "--keys", "server.json", "--subscription", id, "--subscription-key", key];
    let sealed = program.json(&arguments, "any bytes");
    // Its own server is another one, so what this sender signed is refused.
    let refused = program.run(&["open", "--keys", "stranger.json"], sealed["envelope"].as_str().unwrap());
    assert_eq!(refused.code, 1);
}

#[test]
fn an_envelope_opens_for_its_device_alone_and_for_28_days() {
    let program = sender();
    let sealed = program.run(&["seal", "--keys", "server.json", "--to", "phone"], CONTENT).out;
    let other = program.run(&["open", "--keys", "other.json"], &sealed);
    assert_eq!(other.code, 1);
    assert!(other.err.contains("not for these keys") && other.err.contains("opening failed"), "{other:?}");
    let late = program.run(&["open", "--keys", "phone.json", "--at", "2199-01-01T00:00:00Z"], &sealed);
    assert_eq!(late.code, 1);
    let version = program.run(&["open", "--keys", "phone.json", "AgE"], "");
    assert!(version.err.contains("version 2 of the envelope is not supported"), "{version:?}");
}

#[test]
fn what_a_stranger_sealed_does_not_steer_the_terminal() {
    let program = sender();
    let sealed = program.run(&["seal", "--keys", "server.json", "--to", "phone"], "a\u{1b}[2Jb\nc").out;
    let shown = program.run(&["open", "--keys", "phone.json"], &sealed);
    assert_eq!(shown.out, "a\u{fffd}[2Jb\nc\n");
}

#[test]
fn a_rotated_key_goes_on_opening_what_was_sealed_before() {
    let program = sender();
    let sealed = program.run(&["seal", "--keys", "server.json", "--to", "phone"], CONTENT).out;
    let read = |name| serde_json::from_slice::<Value>(&std::fs::read(program.path(name)).unwrap()).unwrap();
    let (mut phone, other) = (read("phone.json"), read("other.json"));
    let replaced_at = "2026-01-31T12:00:00Z";
    phone["previous_private_keys"] = json!([{"key": phone["private_key"], "replaced_at": replaced_at}]);
    phone["private_key"] = other["private_key"].clone();
    program.write_private("phone.json", &phone.to_string());
    let late = program.run(&["open", "--keys", "phone.json"], &sealed);
    assert_eq!(late.code, 1, "the old key is forgotten after 30 days: {late:?}");
    phone["previous_private_keys"][0]["replaced_at"] = "2199-01-31T12:00:00Z".into();
    program.write_private("phone.json", &phone.to_string());
    assert_eq!(program.json(&["open", "--keys", "phone.json"], &sealed)["content"]["title"], "Anna");
}

#[test]
fn a_key_file_that_is_there_is_never_overwritten() {
    let program = sender();
    let before = std::fs::read(program.path("phone.json")).unwrap();
    let again = program.run(&["keys", "device", "phone.json"], "");
    assert_eq!(again.code, 1);
    assert!(again.err.contains("is there already"), "{again:?}");
    assert_eq!(std::fs::read(program.path("phone.json")).unwrap(), before);
}

#[test]
fn a_key_that_begins_with_a_hyphen_is_a_key_and_no_option() {
    let program = Program::new();
    let found = std::iter::repeat_with(public_identity).find(|public| public.starts_with('-')).unwrap();
    assert_eq!(program.device("phone", &found).name, "phone");
}

/// A public identity key, without the cost of a process.
fn public_identity() -> String {
    let mut rng = sealpush::base::EntropyRng(&sealpush::base::OsEntropy);
    sealpush_seal::IdentityKey::generate(&mut rng).public().to_base64url()
}
