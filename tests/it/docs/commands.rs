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
