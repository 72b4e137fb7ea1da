//! What app developers copy from docs/APPS.md is what is compiled and run, or says that it is not.

use std::fs;

use super::page::{Page, root};

/// `tests/peers/android/run.sh` compiles it and runs it against the vectors.
const OPENER: &str = "tests/peers/android/kotlin/src/main/kotlin/org/example/push/Opener.kt";
const NOT_COMPILED: &str = "Not compiled here";

/// The blocks of code in a language, each with the prose between it and the block before.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fences: Vec<&str> = text.split("```").collect();
    let opened = format!("{language}\n");
    let pairs = fences.windows(2).filter_map(|pair| Some((pair[0], pair[1].strip_prefix(&opened)?)));
    pairs.collect()
}

#[test]
fn the_opener_on_the_page_is_the_one_that_opens_the_vectors() {
    let opener = fs::read_to_string(root().join(OPENER)).unwrap();
    let page = Page::read("docs/APPS.md");
    let shown = blocks(&page.text, "kotlin").into_iter().find(|(_, code)| code.contains("object Opener"));
    assert!(shown.unwrap().1 == opener, "docs/APPS.md shows another opener than {OPENER}");
}

#[test]
fn code_that_nobody_compiled_says_so() {
    let page = Page::read("docs/APPS.md");
    let code = ["swift", "kotlin"].map(|language| blocks(&page.text, language)).concat();
    let others = code.into_iter().filter(|(_, code)| !code.contains("object Opener"));
    let silent: Vec<_> = others.filter(|(before, _)| !before.contains(NOT_COMPILED)).collect();
    assert!(silent.is_empty(), "without `{NOT_COMPILED}` before it: {silent:?}");
}
