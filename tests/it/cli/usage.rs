//! Help, exit codes, and what scripts rely on.

use super::{Answer, Terminal};
use crate::config::says;

/// The commands that the help of `command` lists.
fn listed(help: &str) -> Vec<String> {
    let below = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let block = below.lines().take_while(|line| !line.is_empty());
    // A long description goes on in lines that are indented deeper.
    let names = block.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    names.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn every_command_explains_itself() {
    let terminal = Terminal::new();
    let (mut waiting, mut seen) = (vec![Vec::<String>::new()], 0);
    while let Some(command) = waiting.pop() {
        let words: Vec<_> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = terminal.ok(&words);
        says(&help, &["Usage: sealpush"]);
        assert!(help.lines().next().is_some_and(|line| line.len() > 10), "{command:?}: {help}");
        let below = listed(&help).into_iter().filter(|name| name != "help");
        waiting.extend(below.map(|name| [command.clone(), vec![name]].concat()));
        seen += 1;
    }
    assert!(seen > 18, "only {seen} commands were found");
}

#[test]
fn a_wrong_command_line_exits_with_2_and_a_failure_with_1() {
    let terminal = Terminal::new();
    assert_eq!(terminal.run(&["sender", "ad"]).code, 2);
    assert_eq!(terminal.run(&["sender", "suspend", "not-an-id"]).code, 2);
    assert_eq!(terminal.run(&[]).code, 2);
    assert_eq!(terminal.run(&["config", "check", "--config", "missing.toml"]).code, 1);
}

#[test]
fn what_is_not_a_terminal_gets_no_colours() {
    let terminal = Terminal::new();
    let Answer { out, err, .. } = terminal.run(&["config", "show", "--dev"]);
    assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{out}{err}");
    let Answer { err, .. } = terminal.run(&["config", "check"]);
    assert!(err.starts_with("error: ") && !err.contains('\u{1b}'), "{err}");
}

#[test]
fn config_check_says_what_is_fine_and_what_is_not() {
    let terminal = Terminal::new();
    says(&terminal.ok(&["config", "check", "--dev"]), &["is fine", "1 app(s)"]);
    terminal.place.config("[outcomes]\nkeep_hours = 1000\n");
    let answer = terminal.run(&["config", "check", "--dev"]);
    assert_eq!(answer.code, 1);
    says(&answer.err, &["sealpush.toml: outcomes.keep_hours: must be 0 to 672"]);
}

#[test]
fn config_show_has_the_defaults_and_no_secret() {
    let terminal = Terminal::new();
    let shown = terminal.json(&["config", "show", "--dev"]);
    assert_eq!(shown["outcomes_kept_hours"], 24);
    assert_eq!(shown["apps"][0]["confirm"], "off");
    let key = std::fs::read_to_string(terminal.place.path("storage.key")).unwrap();
    assert!(!shown.to_string().contains(key.trim()));
    says(&terminal.ok(&["config", "show", "--dev"]), &["chat", "seal_or_omit"]);
}

#[test]
fn the_printed_example_can_be_checked_at_once() {
    let terminal = Terminal::new();
    let example = terminal.ok(&["config", "example"]);
    terminal.place.write("sealpush.toml", &example);
    terminal.ok(&["config", "check", "--dev"]);
    says(&terminal.ok(&["config", "example", "--app"]), &["id = \"chat\"", "# confirm = \"required\""]);
}

#[test]
fn the_release_is_told_to_people_and_to_programs() {
    let terminal = Terminal::new();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(terminal.ok(&["version"]), format!("sealpush {version}\n"));
    assert_eq!(terminal.json(&["version"])["version"], version);
}
