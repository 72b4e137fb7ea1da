//! The Markdown pages of this repository.

use std::fs;
use std::path::{Path, PathBuf};

/// What is built or fetched, and holds pages of others.
const NOT_OURS: [&str; 6] = [".git", ".peers", "target", "node_modules", "corpus", "artifacts"];

/// One page.
pub(super) struct Page {
    /// Its path from the root of the repository, with `/`.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
}

impl Page {
    /// The page at `path`.
    pub(super) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap();
        Self { path: path.to_owned(), text }
    }

    /// Every page.
    pub(super) fn all() -> Vec<Self> {
        let mut pages = Vec::new();
        let mut waiting = vec![root()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if path.is_dir() && !NOT_OURS.contains(&name.as_str()) {
                    waiting.push(path);
                } else if path.extension().is_some_and(|extension| extension == "md") {
                    pages.push(Self::read(path.strip_prefix(root()).unwrap().to_str().unwrap()));
                }
            }
        }
        pages.sort_by(|a, b| a.path.cmp(&b.path));
        pages
    }

    /// The lines outside blocks of code.
    pub(super) fn prose(&self) -> impl Iterator<Item = &str> {
        let mut code = false;
        self.text.lines().filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            code ^= fence;
            !fence && !code
        })
    }

    /// What stands between backticks in the prose.
    pub(super) fn code_spans(&self) -> Vec<&str> {
        self.prose().flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
    }

    /// The cells of each row of the table under `heading`, without its head.
    pub(super) fn rows_under(&self, heading: &str) -> Vec<Vec<&str>> {
        let section = self.prose().skip_while(|line| *line != heading).skip(1);
        let rows = section.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|'));
        let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
        cells.skip(2).collect()
    }
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn a_block_of_code_is_no_prose() {
    let page = Page { path: String::new(), text: "a `b`\n```sh\n`c`\n```\n`d`".into() };
    assert_eq!(page.code_spans(), ["b", "d"]);
}
