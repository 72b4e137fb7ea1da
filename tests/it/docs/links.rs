//! Links between pages lead to files and headings that exist.

use std::path::Path;

use super::page::{Page, root};

/// The targets of the links in a line: `[text](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// A heading as the fragment of an address: lower case, spaces as hyphens, no punctuation.
fn fragment(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// Why a link of `page` leads nowhere.
fn broken(page: &Page, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&page.path).parent().unwrap();
    let path = if file.is_empty() { page.path.clone().into() } else { folder.join(file) };
    if !root().join(&path).exists() {
        return Some(format!("{}: there is no {target}", page.path));
    }
    if anchor.is_empty() {
        return None;
    }
    let other = Page::read(path.to_str().unwrap());
    let found = other
        .prose()
        .filter(|line| line.starts_with('#'))
        .any(|line| fragment(line.trim_start_matches('#').trim()) == anchor);
    (!found).then(|| format!("{}: there is no heading for {target}", page.path))
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let pages = Page::all();
    let broken: Vec<_> = pages
        .iter()
        .flat_map(|page| page.prose().flat_map(targets).filter_map(|target| broken(page, target)))
        .collect();
    assert!(pages.len() > 10, "only {} pages were found", pages.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_check_of_links_sees_what_it_must() {
    let page = Page::read("docs/API.md");
    assert_eq!(broken(&page, "THREAT_MODEL.md"), None);
    assert_eq!(broken(&page, "#problem-codes"), None);
    assert!(broken(&page, "#no-such-heading").is_some());
    assert!(broken(&page, "../NO_SUCH_PAGE.md").is_some());
    assert_eq!(targets("[a](b) and [c](d#e)").collect::<Vec<_>>(), ["b", "d#e"]);
}
