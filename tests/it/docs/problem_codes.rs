//! docs/API.md lists every problem code that the relay can answer with, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::page::{Page, root};

/// Where problems are made.
const DOORS: [&str; 3] = ["src/api", "src/web", "src/server"];
/// What stands right before a code.
const BEFORE: [&str; 3] = ["invalid(", "not_found(", "=> "];

fn sources() -> Vec<String> {
    let mut texts = Vec::new();
    let mut waiting: Vec<PathBuf> = DOORS.iter().map(|door| root().join(door)).collect();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let text = fs::read_to_string(path).unwrap();
            texts.push(text.split("\n#[cfg(test)]\n").next().unwrap().to_owned());
        }
    }
    texts
}

/// A code: words in lower case, joined by underscores.
fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The codes that a source makes problems with: the text after a status, or after one of [`BEFORE`].
fn codes(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in source.match_indices('"') {
        let before = source[..at].trim_end();
        let after_status = before.strip_suffix(',').is_some_and(|before| {
            let name = before.rsplit("StatusCode::").next().unwrap();
            before.contains("StatusCode::") && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        });
        let after_call = BEFORE.iter().any(|call| before.ends_with(call.trim_end()));
        let text = source[at + 1..].split('"').next().unwrap();
        // Behind a status stands a code and nothing else; elsewhere one word alone may be something else.
        if (after_status || (after_call && text.contains('_'))) && is_code(text) {
            found.insert(text.to_owned());
        }
    }
    found
}

#[test]
fn the_page_of_the_api_lists_the_codes_that_exist() {
    let made: BTreeSet<String> = sources().iter().flat_map(|source| codes(source)).collect();
    let page = Page::read("docs/API.md");
    let rows = page.rows_under("## Problem codes");
    let listed: BTreeSet<String> =
        rows.iter().flat_map(|cells| cells[1].split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    assert!(made.len() > 30, "only {} codes were found", made.len());
    let unlisted: Vec<_> = made.difference(&listed).collect();
    let unmade: Vec<_> = listed.difference(&made).collect();
    assert!(unlisted.is_empty() && unmade.is_empty(), "not listed: {unlisted:?}; not made: {unmade:?}");
}

#[test]
fn the_check_of_codes_sees_what_it_must() {
    let source = "Problem::new(\n  StatusCode::NOT_FOUND,\n \"a_b\", \"text_\") invalid(\"c_d\", \"/e_f\") X => \"g_h\"";
    assert_eq!(codes(source).into_iter().collect::<Vec<_>>(), ["a_b", "c_d", "g_h"]);
}
