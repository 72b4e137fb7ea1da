//! What a2 and fcm-rs would send for the same notification, beside what the relay sends, field by field.
//!
//! Reads `requests.json`, which a test of the relay writes out of its real adapters. A field that differs has to
//! stand in the list of known differences, with its reason, and every known difference has to occur, so that the
//! list says neither too little nor too much. Read next: `apns`, `fcm`, `compare`.

mod apns;
mod asked;
mod compare;
mod fcm;

use std::process::ExitCode;

use compare::{Known, Seen, differences};
use serde_json::{Value, json};

use crate::asked::Case;

fn main() -> ExitCode {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../requests.json")).expect("the test wrote the file");
    let (mut failed, mut seen) = (false, Seen::default());
    for case in &cases {
        let (library, theirs, known) = match case.push_service.as_str() {
            "apns" => ("a2", apns::request(&case.asked), apns::KNOWN),
            "fcm" => ("fcm-rs", fcm::request(&case.asked), fcm::KNOWN),
            other => panic!("there is no oracle for {other}"),
        };
        failed |= !report(library, case, &theirs, known, &mut seen);
    }
    for (library, known) in [("a2", apns::KNOWN), ("fcm-rs", fcm::KNOWN)] {
        for one in known {
            let occurred = seen.occurred(library, one);
            failed |= !occurred;
            println!("{}: {library}: known: {}: {}", verdict(occurred), one.path, one.reason);
        }
    }
    let noticed = notices_a_change(&cases[0]);
    failed |= !noticed;
    println!("{}: a changed field is noticed", verdict(noticed));
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn report(
    library: &'static str,
    case: &Case,
    theirs: &Value,
    known: &'static [Known],
    seen: &mut Seen,
) -> bool {
    let all = differences(&case.sent, theirs);
    let unknown: Vec<_> = all.iter().filter(|one| !seen.explain(library, one, known)).collect();
    let explained = all.len() - unknown.len();
    println!("{}: {library}: {}: the same but for {explained} known", verdict(unknown.is_empty()), case.name);
    for one in &unknown {
        println!("  {}: ours {}, theirs {}", one.path, one.ours, one.theirs);
    }
    unknown.is_empty()
}

/// A comparison that finds nothing must be able to find something.
fn notices_a_change(case: &Case) -> bool {
    let mut changed = case.sent.clone();
    changed["headers"]["apns-id"] = json!("another");
    changed["body"]["aps"]["alert"] = Value::Null;
    differences(&case.sent, &changed).len() == 2
}

fn verdict(holds: bool) -> &'static str {
    if holds { "ok" } else { "not ok" }
}
