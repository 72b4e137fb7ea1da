//! The document as one page for people, which loads nothing: its style is in it, and its policy allows that style alone.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::PrivacyDocument;
use super::document::PrivacyApp;
use crate::privacy::inventory::{Chapter, chapters};

/// How it looks.
const STYLE: &str = include_str!("../../../templates/privacy.css");

/// A page and what it may load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyPage {
    /// The page.
    pub html: String,
    /// Its content security policy.
    pub policy: String,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Page<'a> {
    style: &'static str,
    document: &'a PrivacyDocument,
    chapters: Vec<Chapter>,
}

impl Page<'_> {
    fn count(&self) -> usize {
        self.document.inventory.len()
    }
}

/// The page of `document`.
#[must_use]
pub fn privacy_page(document: &PrivacyDocument) -> PrivacyPage {
    let html = Page { style: STYLE, document, chapters: chapters() }.to_string();
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    );
    PrivacyPage { html, policy }
}

/// A text as HTML, with what stands between backticks as code.
fn coded(text: &(impl AsRef<str> + ?Sized)) -> String {
    let escaped =
        text.as_ref().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let parts = escaped.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() })
        .collect()
}

impl PrivacyApp {
    /// Which push services it uses and which not, in words.
    pub(super) fn services(&self) -> String {
        let names = |services: &[&'static str]| {
            services
                .iter()
                .map(|service| if *service == "apns" { "APNs" } else { "FCM" })
                .collect::<Vec<_>>()
                .join(" and ")
        };
        let on = names(&self.push_services);
        if self.switched_off.is_empty() {
            return on;
        }
        format!("{on}; nothing goes to {}", names(&self.switched_off))
    }

    /// What a sender may have a push service see, in words.
    pub(super) fn shows(&self) -> &'static str {
        match (self.badge, self.sound) {
            (true, true) => "badge and sound",
            (true, false) => "badge",
            (false, true) => "sound",
            (false, false) => "neither badge nor sound",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::inventory::entries;

    fn document() -> PrivacyDocument {
        super::super::document::tests::example()
    }

    #[test]
    fn the_page_names_every_entry_and_every_setting() {
        let PrivacyPage { html, .. } = privacy_page(&document());
        for entry in entries() {
            assert!(html.contains(&format!("<code>{}</code>", entry.name)), "{entry:?}");
            assert!(html.contains(entry.file), "{entry:?}");
        }
        for term in document().settings.retention {
            assert!(html.contains(term.what) && html.contains(&coded(&term.kept)), "{term:?}");
        }
        assert!(html.contains("nothing goes to FCM"), "{html}");
    }

    #[test]
    fn what_stands_between_backticks_is_code_and_nothing_is_markup() {
        assert_eq!(
            coded("of `[logs] a<b`, \"c\" & d"),
            "of <code>[logs] a&lt;b</code>, &quot;c&quot; &amp; d"
        );
    }

    #[test]
    fn what_the_operator_writes_is_text_and_no_markup() {
        let name = "<script>alert(1)</script>".to_owned();
        let PrivacyPage { html, .. } = privacy_page(&PrivacyDocument { name, ..document() });
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn the_page_loads_nothing_and_its_policy_allows_its_own_style_alone() {
        let PrivacyPage { html, policy } = privacy_page(&document());
        for loads in ["src=", "@import", "url(", "<link", "<script", "style="] {
            assert!(!html.contains(loads), "{loads}");
        }
        let style = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
        let hash = STANDARD.encode(Sha256::digest(style));
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{policy}");
    }
}
