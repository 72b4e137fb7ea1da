//! The promise under generated histories: intake and delivery over a real database and real connections, a clock that
//! the history moves, a store that fails, and processes that end; against a small model.
//!
//! What once failed stands in `failures.rs`, by name. `SIMULATION_CASES` asks for more histories than the tests live
//! through each time. Read next: `operation.rs`, what may happen; `history.rs`, what must hold.

mod failures;
mod history;
mod notice;
mod operation;
mod process;
mod stage;
mod troubled_outbox;

use proptest::test_runner::{Config, TestRunner};

use history::live_through;
use operation::histories;
use stage::Place;

/// Histories that each run of the tests lives through.
const CASES: u32 = 24;

#[test]
fn every_generated_history_keeps_the_promise() {
    let place = Place::new();
    let cases = asked("SIMULATION_CASES").unwrap_or(CASES);
    let config = Config { cases, failure_persistence: None, max_shrink_time: 20_000, ..Config::default() };
    let lived = TestRunner::new(config).run(&histories(), |operations| {
        live_through(&place, &operations.0);
        Ok(())
    });
    if let Err(error) = lived {
        panic!("{error}");
    }
}

/// What the environment asks for under `name`.
#[expect(clippy::disallowed_methods, reason = "a test has no other way to be told something")]
fn asked(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}
