//! Two requests side by side.
//!
//! Owns what counts as a difference: a leaf of the JSON that one of them lacks, or that says something else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A leaf that is not the same; null where it is absent.
pub(crate) struct Difference {
    /// A JSON pointer.
    pub(crate) path: String,
    pub(crate) ours: Value,
    pub(crate) theirs: Value,
}

/// A difference that is meant.
pub(crate) struct Known {
    /// A JSON pointer.
    pub(crate) path: &'static str,
    /// What the relay sends, as JSON; `*` is anything, empty is nothing.
    pub(crate) ours: &'static str,
    /// What the library sends, in the same way.
    pub(crate) theirs: &'static str,
    pub(crate) reason: &'static str,
}

/// Which of the known differences occurred: library, path and reason.
#[derive(Default)]
pub(crate) struct Seen(BTreeSet<(&'static str, &'static str, &'static str)>);

impl Seen {
    /// Whether a known difference explains this one.
    pub(crate) fn explain(
        &mut self,
        library: &'static str,
        difference: &Difference,
        known: &'static [Known],
    ) -> bool {
        let is = |pattern: &str, value: &Value| match pattern {
            "*" => !value.is_null(),
            "" => value.is_null(),
            exact => value.to_string() == exact,
        };
        let explains = |one: &&Known| {
            one.path == difference.path
                && is(one.ours, &difference.ours)
                && is(one.theirs, &difference.theirs)
        };
        let Some(found) = known.iter().find(explains) else { return false };
        self.0.insert((library, found.path, found.reason));
        true
    }

    pub(crate) fn occurred(&self, library: &'static str, known: &Known) -> bool {
        self.0.contains(&(library, known.path, known.reason))
    }
}

/// Every leaf that differs, in the order of their paths.
pub(crate) fn differences(ours: &Value, theirs: &Value) -> Vec<Difference> {
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    leaves(ours, String::new(), &mut left);
    leaves(theirs, String::new(), &mut right);
    let paths: BTreeSet<_> = left.keys().chain(right.keys()).cloned().collect();
    let of = |side: &BTreeMap<String, Value>, path: &str| side.get(path).cloned().unwrap_or_default();
    paths
        .into_iter()
        .filter(|path| left.get(path) != right.get(path))
        .map(|path| Difference { ours: of(&left, &path), theirs: of(&right, &path), path })
        .collect()
}

fn leaves(value: &Value, path: String, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                leaves(member, format!("{path}/{name}"), found);
            }
        }
        leaf => {
            // A written null counts as something: it is told from an absent member by its text.
            let leaf = if leaf.is_null() { Value::from("null, as written") } else { leaf.clone() };
            found.insert(path, leaf);
        }
    }
}
