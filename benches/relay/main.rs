//! What the relay costs: its CPU time for each delivery, beside a bare hyper client that makes the same POSTs to
//! the same simulator in the same run. Only ratios mean anything: machines differ, and so do their hours.
//!
//! Three processes, so that each one's CPU time is its own: the simulators (this program with `simulate`), the relay
//! (the real binary), and this one, which is the load and the bare client. `cargo bench --bench relay -- large` adds
//! what takes minutes. docs/PERFORMANCE.md says what came of it.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to print")]
#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is its own composition root")]

mod backlog;
mod bare;
mod costs;
mod devices;
mod fill;
mod flood;
mod latency;
mod load;
mod process;
mod setting;
mod simulators;

use setting::{FEW, MANY, Setting};

/// Deliveries in a deep outbox.
const WAITING: usize = 100_000;

fn main() {
    // `cargo bench` adds `--bench` of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("simulate") => simulators::serve(arguments.get(1).is_some_and(|word| word == "recording")),
        Some("large") => run(large()),
        only => run(usual(only)),
    }
}

fn run(what: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(what);
}

/// What every change may look at: a minute or two. `only`: the rows whose name has these words.
async fn usual(only: Option<&str>) {
    let bench = Setting { registrations: FEW, recording: false }.start().await;
    println!("start to ready: {} ms (target: under 200)", bench.ready.as_millis());
    println!("idle memory: {:.1} MB (target: under 25)", bench.idle_mb);
    costs::print(&bench, only, 3).await;
    println!("memory after the load: {:.1} MB", bench.relay.memory_mb());
    drop(bench);
    if only.is_none() {
        let bench = Setting { registrations: FEW, recording: true }.start().await;
        latency::print(&bench).await;
        flood::print(&bench).await;
    }
}

/// The same with many registrations and a deep outbox, and a long backlog that drains.
async fn large() {
    for registrations in [FEW, MANY] {
        println!("== {registrations} registrations, an empty outbox");
        let mut bench = Setting { registrations, recording: false }.start().await;
        costs::print(&bench, None, 1).await;
        println!("== {registrations} registrations, {WAITING} deliveries of another sender's that wait");
        bench.add_waiting(WAITING).await;
        costs::print(&bench, None, 1).await;
        println!("memory after the load: {:.1} MB", bench.relay.memory_mb());
    }
    backlog::print().await;
}
