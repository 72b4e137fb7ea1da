//! The program: it starts, says where it is, writes its files, and stops when told to.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

#[test]
fn it_prints_its_addresses_writes_its_files_and_stops_at_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_push-simulator"))
        .arg("--folder")
        .arg(folder.path().join("made"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let info: Value = serde_json::from_str(&line).unwrap();

    for (file, beginning) in [
        ("ca", "-----BEGIN CERTIFICATE-----"),
        ("apns_key", "-----BEGIN PRIVATE KEY-----"),
        ("service_account", "{"),
    ] {
        let path = info["files"][file].as_str().unwrap();
        assert!(std::fs::read_to_string(path).unwrap().starts_with(beginning), "{file}");
    }
    assert!(info["apns"]["sandbox"].as_str().unwrap().starts_with("https://localhost:"));
    assert!(info["control"].as_str().unwrap().starts_with("http://localhost:"));

    // By the shell's own `kill`: the program of that name is missing on a minimal system.
    let kill = format!("kill {}", program.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    assert!(program.wait().unwrap().success());
}

#[test]
fn the_help_lists_what_can_be_provoked() {
    let help = Command::new(env!("CARGO_BIN_EXE_push-simulator")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for name in ["410 Unregistered", "503 Shutdown", "third_party_apns_error", "clock_skew", "break_after"] {
        assert!(help.contains(name), "{name}");
    }
}
