//! Who may import whom.

use std::collections::BTreeSet;

use super::Source;
use super::source::words;

/// From the leaves to the process. Modules of one rank never import each other.
const RANKS: [&[&str]; 11] = [
    &["base"],
    &["model"],
    &["config"],
    &["privacy", "telemetry"],
    &["storage", "push_services"],
    &["intake", "delivery", "operator"],
    &["web"],
    &["api", "compat", "console"],
    &["server"],
    &["cli"],
    &["main"],
];

/// The doors: they translate, and reach the store and the push services only through use cases.
const DOORS: [&str; 3] = ["api", "compat", "console"];
/// Where readable content may be named: where it comes in, and where it ends.
const SEES_CONTENT: [&str; 6] = ["privacy", "intake", "api", "compat", "server", "lib"];

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|modules| modules.contains(&module))
}

/// The top modules that `code` names after `crate::`, alone or in a group.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let first = |text: &str| words(text).next().unwrap_or_default().to_owned();
        match rest.strip_prefix('{') {
            None => drop(found.insert(first(rest))),
            Some(group) => found.extend(members(group).iter().map(|member| first(member))),
        }
    }
    found
}

/// The members of a group whose opening brace was read already.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut members) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => members.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                members.last_mut().unwrap().push(c);
            }
        }
    }
    members.retain(|member| !member.trim().is_empty());
    members
}

/// What is wrong with the imports of a file.
fn broken(source: &Source) -> Vec<String> {
    let modules = source.modules();
    let own = modules[0];
    let code = source.code();
    let mut broken = Vec::new();
    let Some(own_rank) = rank(own) else {
        return vec![format!("{}: `{own}` has no rank", source.path)];
    };
    for import in imports(&code) {
        let allowed = import == own || rank(&import).is_some_and(|rank| rank < own_rank);
        if !allowed {
            broken.push(format!("{}: `{own}` may not import `{import}`", source.path));
        }
        if DOORS.contains(&own) && ["storage", "push_services"].contains(&import.as_str()) {
            broken.push(format!("{}: a door never names `{import}`", source.path));
        }
    }
    // A chain of `super::` as long as the file is deep ends at the root of the crate.
    if code.contains(&"super::".repeat(modules.len())) {
        broken.push(format!("{}: goes by `super::` to the root of the crate", source.path));
    }
    broken
}

#[test]
fn every_module_imports_from_earlier_ranks_only() {
    let broken: Vec<_> =
        Source::under("src").iter().filter(|source| source.path != "src/lib.rs").flat_map(broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_program_is_the_command_line_and_nothing_else() {
    let main = Source { path: "main".into(), text: include_str!("../../../src/main.rs").into() };
    let code = main.code();
    let named: Vec<_> = code.match_indices("sealpush::").map(|(at, _)| &code[at..at + 15]).collect();
    assert_eq!(named, ["sealpush::cli::"]);
}

#[test]
fn nothing_behind_intake_names_readable_content() {
    for source in Source::under("src") {
        let may = SEES_CONTENT.contains(&source.modules()[0]);
        let names = words(&source.code()).any(|word| word == "ReadableContent");
        assert!(may || !names, "{} names ReadableContent", source.path);
    }
}

#[test]
fn the_other_crates_import_nothing_of_the_relay() {
    for source in Source::under("crates") {
        let code = source.code();
        let names = code.match_indices("sealpush::").any(|(at, _)| !code[..at].ends_with('_'));
        assert!(!names, "{} names the relay's crate", source.path);
    }
    for manifest in ["crates/sealpush-seal/Cargo.toml", "crates/push-simulator/Cargo.toml"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        assert!(!manifest["dependencies"].as_table().unwrap().contains_key("sealpush"));
    }
}

#[test]
fn the_check_of_ranks_sees_what_it_must() {
    let source = |path: &str, text: &str| broken(&Source { path: path.into(), text: text.into() }).len();
    assert_eq!(source("src/api/a.rs", "use crate::intake::A;"), 0);
    assert_eq!(source("src/intake/a.rs", "use crate::api::A;"), 1);
    assert_eq!(source("src/intake/a.rs", "use crate::delivery::A;"), 1);
    assert_eq!(source("src/api/a.rs", "use crate::storage::A;"), 1);
    assert_eq!(source("src/api/a.rs", "fn f() -> crate::push_services::A {}"), 1);
    assert_eq!(source("src/model/a.rs", "use crate::{base::{B, C}, intake::A};"), 1);
    assert_eq!(source("src/model/a.rs", "use super::super::intake::A;"), 1);
    assert_eq!(source("src/model/mod.rs", "use super::intake::A;"), 1);
    assert_eq!(source("src/model/a.rs", "// crate::intake\n/// [`crate::intake`]"), 0);
    assert_eq!(source("src/model/a.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::storage::A; }"), 0);
    assert_eq!(source("src/helpers.rs", ""), 1);
}
