//! `sealpush init`, `completions` and `man`.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use sealpush::config::{Config, Mode};

use crate::config::says;

fn sealpush(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpush"));
    let output = command.args(arguments).current_dir(folder).env_clear().output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn init(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    sealpush(folder, &[&["init", "--folder", "."], arguments].concat())
}

#[test]
fn a_first_config_is_one_that_the_relay_takes() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = init(folder.path(), &["push.example.org"]);
    assert_eq!(code, 0, "{err}");
    says(&err, &["https://push.example.org needs a certificate", "app add --help", "check", "serve"]);
    let config = Config::load(&folder.path().join("sealpush.toml"), Mode::Serve).unwrap();
    assert_eq!(config.relay.name, "push.example.org");
    assert_eq!(config.listen[0].trusted_proxies.names(), ["127.0.0.1/32", "::1/128"]);
    assert_eq!(config.registration_keys.unwrap().keys.len(), 1);
    assert_eq!(config.relay.contact, "postmaster@push.example.org");
    assert_eq!(config.relay.public_url.as_deref(), Some("https://push.example.org"));
    for file in ["sealpush.toml", "storage.key", "long-term.key", "registration-keys.json"] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn every_key_is_a_fresh_one() {
    let keys = [(); 2].map(|()| {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(init(folder.path(), &[]).0, 0);
        Config::load(&folder.path().join("sealpush.toml"), Mode::Serve)
            .unwrap()
            .storage
            .key
            .expose()
            .to_owned()
    });
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn what_is_there_is_never_overwritten() {
    for there in ["sealpush.toml", "storage.key", "long-term.key", "registration-keys.json"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(there), "mine").unwrap();
        let (code, _, err) = init(folder.path(), &["push.example.org"]);
        assert_eq!(code, 1);
        says(&err, &[there, "is there already", "nothing is ever overwritten"]);
        assert_eq!(std::fs::read_to_string(folder.path().join(there)).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_is_no_host_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = init(folder.path(), &["push.example.org/relay"]);
    assert_eq!(code, 1);
    says(&err, &["is not the name of a host, such as push.example.org"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn words_of_the_operator_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let name = "Anna's \"relay\" \\ ü";
    assert_eq!(init(folder.path(), &["--name", name, "--contact", "https://example.org/push"]).0, 0);
    let relay = Config::load(&folder.path().join("sealpush.toml"), Mode::Serve).unwrap().relay;
    assert_eq!((relay.name.as_str(), relay.contact.as_str()), (name, "https://example.org/push"));
}

#[test]
fn each_shell_gets_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, sign) in
        [("bash", "complete -F"), ("zsh", "#compdef sealpush"), ("fish", "complete -c sealpush")]
    {
        let (code, out, _) = sealpush(folder.path(), &["completions", shell]);
        assert_eq!(code, 0);
        says(&out, &[sign, "storage"]);
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(sealpush(folder.path(), &["man", "."]).0, 0);
    for page in ["sealpush.1", "sealpush-check.1", "sealpush-storage-restore.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        says(&text, &[".TH", "sealpush"]);
    }
}
