//! Writes the files of `vectors/`: `cargo run -p sealpush-seal --example write_vectors`.
//!
//! The files are committed, and a test compares them with what this would write: a change here is a change of the
//! protocol.

#![expect(clippy::unwrap_used, reason = "a tool of the developers' ends by panicking")]

#[path = "../tests/vectors/generate/mod.rs"]
#[expect(unreachable_pub, dead_code, reason = "shared with the tests, where more of it is used")]
mod generate;

fn main() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    for (name, text) in generate::files() {
        std::fs::write(directory.join(name), text).unwrap();
    }
}
