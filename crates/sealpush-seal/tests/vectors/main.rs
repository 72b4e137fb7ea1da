//! The vectors: they are what the generator makes, each ends as it says, and each good one is sealed again to the byte.
//!
//! Read next: `vectors/README.md`, what is in the files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(unreachable_pub, reason = "shared with the example that writes the files")]
mod generate;

mod envelopes;
mod keys_and_texts;
mod opener;
mod registrations;
mod rfc9180;
mod seeded;

#[test]
fn the_files_are_what_the_generator_makes() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    for (name, text) in generate::files() {
        let committed = std::fs::read_to_string(directory.join(name)).unwrap();
        assert!(
            committed == text,
            "{name} differs: run the example `write_vectors`, and look at what changed"
        );
    }
}
