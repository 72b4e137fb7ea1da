//! `sealpush privacy`: what a relay with this config keeps, and the papers about it.

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

#[test]
fn the_papers_are_dated_drafts_that_give_no_advice() {
    let terminal = Terminal::new();
    let write = ["privacy", "papers", "--dev", "--out", "papers", "--date", "2026-11-21"];
    says(
        &terminal.ok(&write),
        &["record-of-processing.md: record of processing activities (GDPR, Article 30)"],
    );
    let mut count = 0;
    for entry in std::fs::read_dir(terminal.place.path("papers")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        says(
            &text,
            &["*Draft of 2026-11-21, made by Sealpush", "under CC0-1.0", "**It is not legal advice.**"],
        );
        assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
        count += 1;
    }
    assert_eq!(count, 6);
    assert_eq!(terminal.run(&write).code, 1, "a draft that was filled in is not written over");
}

#[test]
fn the_papers_name_who_gets_data_as_the_config_has_it() {
    let terminal = Terminal::new();
    let write = |folder: &str| {
        terminal.ok(&["privacy", "papers", "--dev", "--out", folder, "--date", "2026-11-21"]);
        std::fs::read_to_string(terminal.place.path(folder).join("sub-processors.md")).unwrap()
    };
    says(&write("both"), &["## Apple", "## Google", "`apns-topic`", "**Check this yourself:**"]);
    let app = std::fs::read_to_string(terminal.place.path("apps/chat.toml")).unwrap();
    let without_fcm = app.split("[fcm]").next().unwrap().to_owned();
    terminal.place.write("apps/chat.toml", &without_fcm);
    let alone = write("alone");
    says(&alone, &["## Apple"]);
    assert!(!alone.contains("Google (Firebase"), "{alone}");
    let shown = terminal.json(&["privacy", "--dev"]);
    assert_eq!(shown["settings"]["apps"][0]["switched_off"], serde_json::json!(["fcm"]));
}

#[test]
fn the_record_of_processing_has_every_column_with_its_term() {
    let terminal = Terminal::new();
    terminal.ok(&["privacy", "papers", "--dev", "--out", "papers"]);
    let record = std::fs::read_to_string(terminal.place.path("papers/record-of-processing.md")).unwrap();
    for field in sealpush::privacy::inventory::stored() {
        says(&record, &[&format!("### {}", field.table), &format!("| `{}` |", field.column), field.kept]);
    }
}
