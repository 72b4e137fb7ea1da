//! What the relay costs: its CPU time for each delivery, beside a bare hyper client that makes the same POSTs to
//! the same simulator in the same run. Only ratios mean anything: machines differ, and so do their hours.
//!
//! Three processes, so that each one's CPU time is its own: the simulators (this program with `simulate`), the relay
//! (the real binary), and this one, which is the load and the bare client.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to print")]
#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is its own composition root")]

mod bare;
mod devices;
mod load;
mod process;
mod simulators;

use std::time::Duration;

use load::Http;
use process::Process;

/// Deliveries of each measurement: some seconds of CPU, so that the kernel's ticks of 10 ms do not matter.
const DELIVERIES: usize = 20_000;
/// Devices that are registered.
const DEVICES: usize = 1_000;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("simulate") {
        return simulators::serve();
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let simulators = simulators::start(folder.path());
    let (relay, ready) = Process::relay(folder.path(), &simulators).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("start to ready: {} ms (target: under 200)", ready.as_millis());
    println!("idle memory: {:.1} MB (target: under 25)", relay.memory_mb());

    let devices = devices::register(folder.path(), &relay, &simulators, DEVICES).await;
    let bodies = bare::bodies(&devices);
    for (targets, at_once, wait, http, most) in [
        (100, 4, true, Http::One, Some(2.5)),
        (1, 64, true, Http::One, Some(4.0)),
        (1, 64, true, Http::Two, Some(4.0)),
        (100, 4, false, Http::One, None),
        (1, 64, false, Http::One, None),
    ] {
        // The bare client with as many POSTs under way as one round of the senders has.
        let posts = if targets == 1 { at_once } else { targets };
        bare::run(&simulators, &bodies, posts, 2_000).await;
        let bare = bare::run(&simulators, &bodies, posts, DELIVERIES).await;
        load::run(&relay, &devices, targets, at_once, (wait, http), 2_000).await;
        let before = relay.cpu();
        let seconds = load::run(&relay, &devices, targets, at_once, (wait, http), DELIVERIES).await;
        if !wait {
            load::drained(&relay).await;
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure with one digit after the point")]
        let each = relay.cpu().saturating_sub(before).as_secs_f64() * 1e6 / DELIVERIES as f64;
        let target = most.map_or(String::new(), |most| format!(" (target: at most {most})"));
        println!(
            "wait: {wait}, {targets} targets a request, {at_once} at once, HTTP/{http:?}: {each:.1} µs of the relay's \
             CPU for each delivery, {:.2} times the bare POST of {bare:.1} µs{target}; {:.0} deliveries a second",
            each / bare,
            f64::from(u32::try_from(DELIVERIES).unwrap()) / seconds
        );
    }
    println!("memory after the load: {:.1} MB", relay.memory_mb());
}
