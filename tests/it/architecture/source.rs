//! The source files of this repository, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file.
pub(super) struct Source {
    /// Its path from the root of the repository, with `/`.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
}

impl Source {
    /// Every Rust file under `directory`, which is named from the root of the repository.
    pub(super) fn under(directory: &str) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Vec::new();
        let mut waiting = vec![root.join(directory)];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(entries(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                sources.push(Self { path, text });
            }
        }
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        assert!(!sources.is_empty(), "there are no sources under {directory}");
        sources
    }

    /// The modules on the way to this file: `["api", "admin", "routes"]`; of a `mod.rs`, those of its directory.
    pub(super) fn modules(&self) -> Vec<&str> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        path.strip_suffix("/mod").unwrap_or(path).split('/').collect()
    }

    /// The lines that are compiled into the program: without the tests at the end and without comments.
    pub(super) fn code(&self) -> String {
        let code = self.program().lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
        code.collect::<Vec<_>>().join("\n")
    }

    /// How many lines there are without the tests at the end.
    pub(super) fn length(&self) -> usize {
        self.program().lines().count()
    }

    /// All but the tests at the end. Tests in a file of their own are named at the top, before the program.
    fn program(&self) -> &str {
        let ends = ["", "pub(super) "]
            .map(|public| self.text.find(&format!("\n#[cfg(test)]\n{public}mod tests {{")));
        ends.into_iter().flatten().min().map_or(&self.text, |end| &self.text[..end])
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The words of `code`: what stands between characters that no name has.
pub(super) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
