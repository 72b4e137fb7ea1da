//! Why a config cannot be used.

use std::path::PathBuf;

/// A config that cannot be used. Each says in which file, at which key, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{}: cannot be read ({error}). {hint}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// A file is not TOML of the known shape. The text shows the line.
    #[error("{}: {text}\n`sealpush config example` prints every key with its meaning.", file.display())]
    Shape {
        /// Which.
        file: PathBuf,
        /// What the parser said, with line and column.
        text: String,
    },
    /// A value cannot be used.
    #[error("{}: {key}: {problem}", file.display())]
    Value {
        /// In which file.
        file: PathBuf,
        /// At which key, dotted.
        key: String,
        /// What is wrong and what to do.
        problem: String,
    },
}
