//! Where a private key lies.

use std::path::PathBuf;

/// A file with a private key that the config names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// The config file or app file that names it.
    pub named_in: PathBuf,
    /// The key there, dotted.
    pub key: String,
    /// The file.
    pub path: PathBuf,
}
