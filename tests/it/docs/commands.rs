//! Commands that the pages name exist.

use std::process::Command;

use super::page::Page;

/// The first words after `sealpush` in a page's code, such as `sender add`.
fn named(page: &Page) -> Vec<String> {
    let blocks = page.text.split("```").skip(1).step_by(2).flat_map(str::lines);
    let code = page.code_spans().into_iter().chain(blocks);
    let calls =
        code.filter_map(|code| code.trim_start_matches("sudo -u sealpush ").strip_prefix("sealpush "));
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    calls
        .map(|call| {
            call.split(' ').take_while(is_word).filter(|word| !word.starts_with('-')).take(1).collect()
        })
        .filter(|call: &String| !call.is_empty())
        .collect()
}

fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sealpush")).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_command_that_a_page_names_exists() {
    let help = help();
    let commands: Vec<&str> = help
        .lines()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let mut count = 0;
    for page in Page::all() {
        for command in named(&page) {
            count += 1;
            assert!(commands.contains(&command.as_str()), "{}: there is no `sealpush {command}`", page.path);
        }
    }
    assert!(count > 10, "only {count} commands were found");
}

/// Each call in the blocks of a page, with its continued lines: the words after `sealpush`, up to a comment or a pipe.
fn calls(page: &Page) -> Vec<Vec<String>> {
    let text = page.text.replace("\\\n", " ");
    let blocks =
        text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).flat_map(str::lines);
    let commands = blocks.filter_map(|line| {
        let line = line.split(" #").next().unwrap_or_default().split('|').next_back().unwrap_or_default();
        line.trim().trim_start_matches("sudo -u sealpush ").strip_prefix("sealpush ")
    });
    commands.map(|call| call.split_whitespace().map(str::to_owned).collect()).collect()
}

/// The commands in a help text.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    let listed = listed.lines().take_while(|line| line.starts_with("  "));
    listed.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

fn help_of(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sealpush")).args(command).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_call_on_a_page_has_subcommands_and_options_that_exist() {
    let mut count = 0;
    for page in Page::all() {
        for call in calls(&page) {
            let (mut command, mut help) = (Vec::new(), help_of(&[]));
            for word in &call {
                let known = subcommands(&help);
                if known.is_empty() || word.starts_with('-') {
                    break;
                }
                assert!(known.contains(word), "{}: there is no `sealpush {}`", page.path, call.join(" "));
                command.push(word.clone());
                help = help_of(&command);
            }
            for option in call.iter().filter(|word| word.starts_with("--")) {
                let name = option.split('=').next().unwrap();
                let known =
                    help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == name);
                assert!(known, "{}: `sealpush {}` has no {name}", page.path, command.join(" "));
                count += 1;
            }
        }
    }
    assert!(count > 20, "only {count} options were found");
}
