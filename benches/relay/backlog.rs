//! A relay that starts on a long backlog: what it takes of memory, and how fast it drains.

use std::time::{Duration, Instant};

use super::devices;
use super::fill::Database;
use super::process::Process;
use super::setting::FEW;
use super::simulators;

/// Deliveries of 1 KiB that wait, all of them due.
const WAITING: usize = 1_000_000;

/// Prints it.
pub(crate) async fn print() {
    println!("== a backlog of {WAITING} deliveries that are due");
    let folder = tempfile::tempdir().unwrap();
    let simulators = simulators::start(folder.path(), false);
    simulators.write_config(folder.path());
    let (mut relay, _) = Process::start(folder.path()).await;
    let devices = devices::register(&relay, &simulators, FEW).await;
    relay.stop().await;
    let database = Database::open(folder.path()).await;
    database.promise(&devices, WAITING, Duration::ZERO).await;
    drop(database);

    let (relay, ready) = Process::start(folder.path()).await;
    let started = Instant::now();
    while simulators.accepted() < WAITING {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let waiting = f64::from(u32::try_from(WAITING).unwrap());
    println!("start to ready: {} ms", ready.as_millis());
    println!(
        "drained in {seconds:.0} s, {:.0} a second, {:.1} µs of CPU each; most memory: {:.1} MB (target: under 200)",
        waiting / seconds,
        relay.cpu().as_secs_f64() * 1e6 / waiting,
        relay.most_memory_mb()
    );
}
