//! What lies in deploy/: the systemd unit and its README. The generated examples are tested beside the config.

mod dashboard;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sealpush::telemetry::METRICS;

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file)
}

fn unit() -> String {
    std::fs::read_to_string(deploy("sealpush.service")).unwrap()
}

/// The unit with the binary of this build in place of the installed one, and of no user that must exist.
fn unit_of_this_build() -> (tempfile::TempDir, PathBuf) {
    let text = unit().replace("/usr/bin/sealpush", env!("CARGO_BIN_EXE_sealpush"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sealpush.service");
    std::fs::write(&path, text).unwrap();
    (directory, path)
}

/// Runs `systemd-analyze`. Where it is not installed there is nothing to run, which passes on a developer's
/// machine and fails where `CI` is `true`.
fn systemd_analyze(arguments: &[&str], unit: &Path) -> Option<Output> {
    if let Ok(output) = Command::new("systemd-analyze").args(arguments).arg(unit).output() {
        return Some(output);
    }
    #[expect(clippy::disallowed_methods, reason = "the one thing that tests ask of their surroundings")]
    let required = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!required, "systemd-analyze is required where CI=true");
    None
}

#[test]
fn the_unit_is_one_that_systemd_takes_where_systemd_analyze_is_installed() {
    let (_directory, path) = unit_of_this_build();
    let Some(output) = systemd_analyze(&["verify", "--man=no"], &path) else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    // What it ignores it only warns of: a misspelt line would be no protection.
    assert!(!said.contains("sealpush.service"), "{said}");
}

#[test]
fn the_socket_unit_is_one_that_systemd_takes_where_systemd_analyze_is_installed() {
    let (directory, _) = unit_of_this_build();
    let path = directory.path().join("sealpush.socket");
    std::fs::copy(deploy("sealpush.socket"), &path).unwrap();
    let Some(output) = systemd_analyze(&["verify", "--man=no"], &path) else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !said.contains("sealpush.so"), "{said}");
}

#[test]
#[expect(clippy::print_stdout, reason = "the score is worth reading: `cargo test hardened -- --nocapture`")]
fn the_unit_is_hardened_by_systemds_own_measure_where_systemd_analyze_is_installed() {
    let (_directory, path) = unit_of_this_build();
    // In tenths: 0 is locked up, 100 wide open.
    let Some(output) = systemd_analyze(&["security", "--offline=yes", "--no-pager", "--threshold=15"], &path)
    else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let verdict = said.lines().last().unwrap_or_default();
    println!("{verdict}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_unit_keeps_what_the_relay_promises() {
    let unit = unit();
    for line in [
        "LimitCORE=0",
        "MemorySwapMax=0",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "StateDirectoryMode=0700",
        "UMask=0077",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
        "CapabilityBoundingSet=",
    ] {
        assert!(unit.lines().any(|here| here == line), "`{line}` is gone");
    }
}

#[test]
fn the_commands_of_the_unit_and_of_the_readme_are_commands_of_the_program() {
    let readme = std::fs::read_to_string(deploy("README.md")).unwrap();
    let text = unit().replace("/usr/bin/sealpush ", "sealpush ") + &readme;
    let mut seen = 0;
    for (at, _) in text.match_indices("sealpush ") {
        let words: Vec<_> = text[at..].split_whitespace().skip(1).collect();
        let command: Vec<_> = match words.as_slice() {
            [command @ ("serve" | "check" | "init"), ..] => vec![*command],
            [noun @ ("config" | "app" | "sender" | "storage"), verb, ..] => {
                vec![noun, verb.trim_matches(['`', ',', ';'])]
            }
            _ => continue,
        };
        let help =
            Command::new(env!("CARGO_BIN_EXE_sealpush")).args(&command).arg("--help").output().unwrap();
        assert!(help.status.success(), "{command:?}");
        seen += 1;
    }
    assert!(seen >= 6, "only {seen} commands were found");
}

#[test]
fn the_readme_lists_every_metric_and_no_other() {
    let readme = std::fs::read_to_string(deploy("README.md")).unwrap();
    let listed: Vec<_> = readme.lines().filter(|line| line.starts_with("| `sealpush_")).collect();
    let metrics = METRICS.iter().map(|metric| {
        let kind = format!("{:?}", metric.kind).to_lowercase();
        format!("| `{}` | {kind} | {} | {} |", metric.name, metric.labels.join(", "), metric.help)
    });
    assert_eq!(listed.join("\n"), metrics.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_line_that_init_changes_to_move_the_database_is_in_the_example() {
    let example = sealpush::config::Config::example();
    let paths: Vec<_> = example.lines().filter(|line| line.starts_with("# path = ")).collect();
    assert_eq!(paths, ["# path = \"sealpush.db\""]);
}
