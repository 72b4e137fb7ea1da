//! The committed description of the API is the one that the relay serves, and breaks no client unsaid.

use std::fs;

use serde_json::Value;

use super::breaking::breaking_changes;
use super::page::{Page, root};

const COMMITTED: &str = "docs/openapi.json";
/// Where a breaking change is announced, word by word.
const CHANGES: &str = "docs/API_CHANGES.md";

#[test]
fn the_committed_description_is_the_served_one_and_breaks_no_client_unsaid() {
    let path = root().join(COMMITTED);
    let served = sealpush::api::openapi();
    let committed = fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let announced = Page::read(CHANGES).text;
    let mut unsaid = breaking_changes(&parsed(&committed), &parsed(&served));
    unsaid.retain(|change| !announced.contains(change.as_str()));
    assert!(unsaid.is_empty(), "clients of the committed API break; {CHANGES} does not say so: {unsaid:#?}");
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever changes the API")]
    if std::env::var_os("SEALPUSH_WRITE_EXAMPLES").is_some() {
        fs::write(&path, &served).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        committed, served,
        "run SEALPUSH_WRITE_EXAMPLES=1 cargo test the_committed, and commit {COMMITTED}"
    );
}

#[test]
fn each_call_says_what_it_is_by_whom_and_how_it_refuses() {
    let description: Value = serde_json::from_str(&sealpush::api::openapi()).unwrap();
    let mut calls = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(call["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{name}: no summary");
            assert!(call["operationId"].is_string(), "{name}: no operation id");
            assert!(call["tags"].is_array(), "{name}: no tag");
            assert_eq!(call["responses"]["default"]["$ref"], "#/components/responses/Problem", "{name}");
            calls += 1;
        }
    }
    assert!(calls > 10, "only {calls} calls are described");
}

#[test]
fn each_member_of_each_schema_says_what_it_is() {
    let description: Value = serde_json::from_str(&sealpush::api::openapi()).unwrap();
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name} says nothing of itself");
        for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
            // An optional document is a choice between it and null.
            let text = [&schema["description"], &schema["oneOf"][0]["description"]];
            assert!(text.iter().any(|text| text.is_string()), "{name}.{member} says nothing of itself");
        }
    }
}
