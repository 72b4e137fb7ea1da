//! `sealpush privacy`: what a relay with this config keeps.

use serde_json::Value;

use super::Terminal;
use crate::config::says;

#[test]
fn every_entry_is_listed_with_the_file_that_holds_it() {
    let terminal = Terminal::new();
    let shown = terminal.ok(&["privacy", "--dev"]);
    for entry in sealpush::privacy::inventory::entries() {
        says(&shown, &[entry.name, entry.what, entry.file]);
    }
    says(
        &shown,
        &["kept: outcomes of notifications", "24 hours (outcomes.keep_hours)", "What is not hidden"],
    );
}

#[test]
fn each_form_says_the_same() {
    let terminal = Terminal::new();
    let json: Value = terminal.json(&["privacy", "--dev"]);
    let html = terminal.ok(&["privacy", "--dev", "--html"]);
    let markdown = terminal.ok(&["privacy", "--dev", "--markdown"]);
    let inventory = json["inventory"].as_array().unwrap();
    assert!(inventory.len() > 150, "{} entries", inventory.len());
    for name in inventory.iter().map(|entry| entry["name"].as_str().unwrap()) {
        assert!(html.contains(&format!("<code>{name}</code>")), "{name} is not on the page");
        assert!(markdown.contains(&format!("| `{name}` |")), "{name} is not in the Markdown");
    }
    assert_eq!(terminal.run(&["privacy", "--json", "--html"]).code, 2);
}
