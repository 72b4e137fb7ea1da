//! Heads, lengths and names of files.

use super::Source;

/// Names that say nothing of what is inside.
const SAY_NOTHING: [&str; 7] = ["utils", "util", "common", "helpers", "helper", "manager", "misc"];
/// More lines than this, tests not counted, are two files.
const LONGEST: usize = 400;
/// Half of all files are shorter.
const MEDIAN: usize = 150;

fn program() -> Vec<Source> {
    let crates = Source::under("crates").into_iter().filter(|source| !source.path.contains("/tests/"));
    Source::under("src").into_iter().chain(crates).collect()
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let silent: Vec<_> = program()
        .into_iter()
        .chain(Source::under("tests"))
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "without a `//!` head: {silent:?}");
}

#[test]
fn no_file_is_longer_than_one_can_read_at_once() {
    let sources = program();
    let long: Vec<_> =
        sources.iter().filter(|source| source.length() > LONGEST).map(|source| &source.path).collect();
    assert!(long.is_empty(), "more than {LONGEST} lines without tests: {long:?}");
    let mut lengths: Vec<_> = sources.iter().map(Source::length).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < MEDIAN, "half of the files have {median} lines or more");
}

#[test]
fn every_module_has_a_name_that_says_something() {
    for source in program().iter().chain(&Source::under("tests")) {
        for part in source.path.trim_end_matches(".rs").split('/') {
            assert!(!SAY_NOTHING.contains(&part), "{}: `{part}` says nothing", source.path);
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for source in program() {
        let code = source.code();
        assert!(!code.contains("#[allow(") && !code.contains("#![allow("), "{} allows a lint", source.path);
    }
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    for source in program().iter().chain(&Source::under("tests")) {
        for mark in &marks {
            assert!(!source.text.contains(mark.as_str()), "{} has a {mark}", source.path);
        }
    }
}
