//! The actions of the audit log are a closed list, in the code and on the operator's page.

use std::collections::BTreeSet;

use sealpush::model::AUDIT_ACTIONS;

use super::Source;

/// Where entries are made. Nothing else there is spelled as an action is, but for the config's keys in `checks`.
const MAKERS: [&str; 4] = ["src/intake", "src/model", "src/operator", "src/storage"];

/// The texts of `code` that are spelled `noun.verb`.
fn actions(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2).filter(|text| {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        text.split_once('.').is_some_and(|(noun, verb)| word(noun) && word(verb))
    })
}

#[test]
fn every_action_that_the_sources_write_is_in_the_closed_list() {
    let listed: BTreeSet<&str> = AUDIT_ACTIONS.iter().map(|(action, _)| *action).collect();
    let (mut outside, mut written) = (BTreeSet::new(), BTreeSet::new());
    let makers = MAKERS.into_iter().flat_map(Source::under);
    let of_keys =
        |path: &str| path.starts_with("src/operator/checks/") || path == "src/operator/retention_terms.rs";
    for source in makers.filter(|source| !of_keys(&source.path)) {
        let code = source.code();
        let found: BTreeSet<String> = actions(&code).map(str::to_owned).collect();
        // The list itself writes none.
        if source.path != "src/model/audit_entry.rs" {
            outside.extend(found.iter().filter(|one| !listed.contains(one.as_str())).cloned());
            written.extend(found);
        }
    }
    assert!(outside.is_empty(), "not in AUDIT_ACTIONS: {outside:?}");
    let unused: Vec<_> = listed.iter().filter(|action| !written.contains(**action)).collect();
    assert!(unused.is_empty(), "in AUDIT_ACTIONS, and nobody writes it: {unused:?}");
    assert_eq!(listed.len(), AUDIT_ACTIONS.len(), "an action is listed twice");
}

#[test]
fn the_operators_page_has_every_action() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATING.md")).unwrap();
    for (action, says) in AUDIT_ACTIONS {
        let row = format!("| `{action}` | {says} |");
        assert!(page.contains(&row), "docs/OPERATING.md lacks {row}");
    }
}
