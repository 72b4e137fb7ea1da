//! The document as Markdown, for wikis and repositories.

use askama::Template;

use super::PrivacyDocument;
use crate::privacy::inventory::{Chapter, chapters};

#[derive(Template)]
#[template(path = "privacy.md", escape = "none")]
struct Markdown<'a> {
    document: &'a PrivacyDocument,
    chapters: Vec<Chapter>,
}

/// The document as Markdown.
#[must_use]
pub fn privacy_markdown(document: &PrivacyDocument) -> String {
    Markdown { document, chapters: chapters() }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::inventory::entries;

    #[test]
    fn each_entry_is_a_row_of_a_table_with_as_many_cells_as_its_head() {
        let text = privacy_markdown(&super::super::document::tests::example());
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert!(rows.len() >= entries().count(), "{} rows", rows.len());
        let (mut cells, mut in_table) = (0, false);
        for line in text.lines() {
            let own = line.replace("\\|", "").matches('|').count();
            let begins = !in_table;
            in_table = line.starts_with('|');
            if !in_table {
                continue;
            }
            cells = if begins { own } else { cells };
            assert_eq!(own, cells, "{line}");
        }
    }
}
