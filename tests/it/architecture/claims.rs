//! docs/CLAIMS.md and docs/DELIVERY.md: every promise has a test that holds it and is still there, and a command that runs it.

use std::fs;
use std::path::{Path, PathBuf};

use super::Source;

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    promise: String,
    /// What stands between backticks in the second cell: tests, or files that run them.
    held_by: Vec<String>,
    /// What stands between backticks in the third cell.
    command: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The rows of every table of the page, without heads.
fn claims(page: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        if cells[0].bytes().all(|b| b == b'-' || b == b':') {
            // The row of dashes says that the one before it was the head.
            claims.pop();
            continue;
        }
        let code = |cell: usize| {
            let cell = cells.get(cell).copied().unwrap_or_default();
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
        };
        claims.push(Claim { promise: cells[0].to_owned(), held_by: code(1), command: code(2).concat() });
    }
    claims
}

/// Every test of the repository, with the file that it is in: `src/privacy/pseudonym.rs::a_test`.
fn tests() -> Vec<String> {
    ["src", "crates", "tests"]
        .into_iter()
        .flat_map(Source::under)
        .flat_map(|source| tests_of(&source))
        .collect()
}

/// The conformance suite of the store lists its cases in a macro, which makes a test of each.
const SUITE: &str = "on_every_engine!(";

fn tests_of(source: &Source) -> Vec<String> {
    let (mut found, mut marked, mut listed) = (Vec::new(), false, false);
    for line in source.text.lines().map(str::trim_start) {
        listed = (listed || line == SUITE) && !line.starts_with(')');
        if listed {
            found.extend(line.strip_suffix(',').map(|case| format!("{}::{case}", source.path)));
        } else if line.starts_with("#[") {
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else if let Some(name) = line.trim_start_matches("async ").strip_prefix("fn ") {
            if marked {
                let name = name.split(['(', '<']).next().unwrap_or_default();
                found.push(format!("{}::{name}", source.path));
            }
            marked = false;
        }
    }
    found
}

/// Why a claim does not hold.
fn broken(claim: &Claim, tests: &[String], makefile: &str) -> Option<String> {
    let holds = |name: &String| {
        let is_file = name.contains('/') && root().join(name).is_file();
        is_file || tests.iter().any(|test| test.rsplit("::").next() == Some(name))
    };
    if claim.held_by.is_empty() {
        return Some(format!("nothing holds: {}", claim.promise));
    }
    if let Some(gone) = claim.held_by.iter().find(|name| !holds(name)) {
        return Some(format!("`{gone}` is gone, which held: {}", claim.promise));
    }
    let last = claim.command.split_whitespace().next_back().unwrap_or_default();
    let runs = if claim.command.starts_with("make ") {
        makefile.lines().any(|line| line.starts_with(&format!("{last}:")))
    } else {
        // Cargo's filter is a part of the path of a test.
        let filter = last.replace("::", "/");
        claim.command.starts_with("cargo test ")
            && tests.iter().any(|test| test.replace("::", "/").contains(&filter))
    };
    (!runs).then(|| format!("`{}` runs nothing, for: {}", claim.command, claim.promise))
}

#[test]
fn every_claim_names_what_holds_it_and_how_to_run_that() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let tests = tests();
    for page in ["docs/CLAIMS.md", "docs/DELIVERY.md"] {
        let claims = claims(&fs::read_to_string(root().join(page)).unwrap());
        assert!(claims.len() > 8, "{page} has only {} claims", claims.len());
        let broken: Vec<_> = claims.iter().filter_map(|claim| broken(claim, &tests, &makefile)).collect();
        assert!(broken.is_empty(), "{page}: {}", broken.join("\n"));
    }
}

#[test]
fn the_check_of_claims_sees_what_it_must() {
    let page = "| claim | by | run |\n| --- | :-: | --- |\n| A. | `a_b`, `c_d` | `cargo test a_b` |\n| B. | words | |\n";
    let claims = claims(page);
    assert_eq!(claims.len(), 2);
    let (a, b) = (&claims[0], &claims[1]);
    let tests = |names: &[&str]| names.iter().map(|name| format!("src/x.rs::{name}")).collect::<Vec<_>>();
    assert_eq!(broken(a, &tests(&["a_b", "c_d"]), ""), None);
    assert!(broken(a, &tests(&["a_b", "c_de"]), "").unwrap().contains("`c_d` is gone"));
    assert!(broken(b, &tests(&[]), "").unwrap().contains("nothing holds"));
    let made = |command: &str| Claim {
        promise: String::new(),
        held_by: vec!["a_b".into()],
        command: command.into(),
    };
    assert!(broken(&made("cargo test gone"), &tests(&["a_b"]), "").unwrap().contains("runs nothing"));
    assert!(broken(&made("make gone"), &tests(&["a_b"]), "here:\n").is_some());
    assert_eq!(broken(&made("make here"), &tests(&["a_b"]), "here: a\n"), None);
}

#[test]
fn the_check_of_claims_finds_tests_of_every_kind_and_no_other_functions() {
    let text = "#[test]\nfn a_b() {}\nfn not_a_test() {}\n#[tokio::test(start_paused = true)]\n#[ignore]\nasync fn c_d() {}\non_every_engine!(\n    e_f,\n);\nfn g_h(\n    a,\n) {}\n";
    let source = Source { path: "src/x.rs".into(), text: text.into() };
    assert_eq!(tests_of(&source), ["src/x.rs::a_b", "src/x.rs::c_d", "src/x.rs::e_f"]);
}
