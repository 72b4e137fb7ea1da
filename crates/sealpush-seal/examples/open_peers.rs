//! Opens what other software sealed: `cargo run -p sealpush-seal --example open_peers -- FILE…`.
//!
//! Each file is what one peer of `tests/peers/seal` wrote: its envelopes and its sealed registrations, in the shape of the
//! vectors, each with what must come out. Ends with failure where something else does.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of the developers': it prints, and ends by panicking"
)]

#[path = "../tests/vectors/generate/mod.rs"]
#[expect(unreachable_pub, dead_code, reason = "shared with the tests, where more of it is used")]
mod generate;

#[path = "../tests/vectors/opener.rs"]
mod opener;

use std::process::ExitCode;

use generate::format::{EnvelopeVector, RegistrationVector};

#[derive(serde::Deserialize)]
struct Sealed {
    envelopes: Vec<EnvelopeVector>,
    registrations: Vec<RegistrationVector>,
}

fn main() -> ExitCode {
    let mut has_failed = false;
    for file in std::env::args().skip(1) {
        let sealed: Sealed = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let envelopes = sealed.envelopes.iter().map(opener::envelope).collect::<Vec<_>>();
        let registrations = sealed.registrations.iter().map(opener::registration).collect::<Vec<_>>();
        has_failed |=
            report(&file, "envelopes", &envelopes) | report(&file, "sealed registrations", &registrations);
    }
    if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Prints how many opened; tells whether some did not, or none was there.
fn report(file: &str, what: &str, verdicts: &[Result<(), String>]) -> bool {
    let peer = std::path::Path::new(file).file_stem().unwrap().display();
    let opened = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
    println!("sealpush-seal: {what} that {peer} sealed: {opened} of {} opened", verdicts.len());
    verdicts
        .iter()
        .filter_map(|verdict| verdict.as_ref().err())
        .for_each(|wrong| println!("  wrong: {wrong}"));
    opened == 0 || opened < verdicts.len()
}
