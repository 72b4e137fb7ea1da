//! For real, or for trying out.

/// How strictly the config is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For real: refuses the published example keys and key files that others can read.
    Serve,
    /// For trying out (`--dev`, `demo`, tests): takes both.
    Dev,
}
