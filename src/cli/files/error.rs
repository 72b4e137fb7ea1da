//! What is wrong with a key file. No text quotes what is in it.

use std::path::PathBuf;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// It cannot be read.
    #[error("{file} cannot be read: {error}")]
    Read {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It cannot be written.
    #[error("{file} cannot be written: {error}")]
    Write {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Others can read it.
    #[error("{file} has mode {mode:04o}: others can read the keys in it. Run `chmod 600 {file}`")]
    Open {
        /// Which.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is no JSON of this shape.
    #[error("{file} is not a {kind} (near line {line}, column {column}): {problem}")]
    Shape {
        /// Which.
        file: PathBuf,
        /// What it should be.
        kind: &'static str,
        /// Where.
        line: usize,
        /// Where.
        column: usize,
        /// What is wrong, without the values of the file.
        problem: String,
    },
    /// A value cannot be used.
    #[error("{file}: {at}: {problem}")]
    Value {
        /// Which.
        file: PathBuf,
        /// The member.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
}
