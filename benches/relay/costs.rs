//! The relay's CPU time for each delivery.

use std::fmt;
use std::time::Duration;

use super::bare;
use super::load::{self, Http, Sending};
use super::setting::Bench;

/// Deliveries of each measurement: a second of CPU and more, so that the kernel's ticks of 10 ms do not matter.
const DELIVERIES: usize = 20_000;
/// Before it, so that connections are open and caches as full as they get.
const WARM_UP: usize = 2_000;

/// One way of sending, and the most that it may cost.
pub(crate) struct Row {
    pub(crate) sending: Sending,
    /// Times the bare POST.
    most: f64,
}

const fn row(wait: bool, targets: usize, at_once: usize, http: Http, most: f64) -> Row {
    Row { sending: Sending { wait, targets, at_once, http }, most }
}

/// The ways that have a target.
const ROWS: [Row; 6] = [
    row(true, 100, 4, Http::One, 2.5),
    row(true, 1, 64, Http::One, 4.0),
    row(true, 1, 64, Http::Two, 4.0),
    row(false, 100, 4, Http::One, 4.0),
    row(false, 1, 64, Http::One, 7.0),
    row(false, 1, 64, Http::Two, 7.0),
];

/// What one measurement said, in µs of CPU for each delivery.
struct Measured {
    relay: f64,
    bare: f64,
    per_second: f64,
}

/// Prints each row whose name has the words `only`: the median ratio of `rounds`, each with a bare client of its own
/// just before it, because the hours of a machine differ too.
pub(crate) async fn print(bench: &Bench, only: Option<&str>, rounds: usize) {
    for Row { sending, most } in ROWS {
        let name = sending.to_string();
        if only.is_some_and(|words| !name.contains(words)) {
            continue;
        }
        let mut measured = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            measured.push(measure(bench, &sending).await);
        }
        measured.sort_by(|a, b| a.times().total_cmp(&b.times()));
        println!("{name}: {} (target: at most {most})", measured[rounds / 2]);
    }
}

async fn measure(bench: &Bench, sending: &Sending) -> Measured {
    // The bare client with as many POSTs under way as the senders have.
    let posts = sending.at_once.max(sending.targets);
    bare::run(&bench.simulators, &bench.devices, posts, WARM_UP).await;
    let bare = bare::run(&bench.simulators, &bench.devices, posts, DELIVERIES).await;
    send(bench, sending, WARM_UP).await;
    let before = bench.relay.cpu();
    let seconds = send(bench, sending, DELIVERIES).await;
    let deliveries = f64::from(u32::try_from(DELIVERIES).unwrap());
    let relay = bench.relay.cpu().saturating_sub(before).as_secs_f64() * 1e6 / deliveries;
    Measured { relay, bare, per_second: deliveries / seconds }
}

/// Sends until so many deliveries came to the push service, and what follows from them is written.
async fn send(bench: &Bench, sending: &Sending, deliveries: usize) -> f64 {
    let before = bench.simulators.accepted();
    let seconds = load::run(&bench.relay, &bench.devices, sending, deliveries).await;
    while bench.simulators.accepted() < before + deliveries {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    seconds
}

impl Measured {
    fn times(&self) -> f64 {
        self.relay / self.bare
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { relay, bare, per_second } = self;
        let times = self.times();
        write!(f, "{times:.2} times the bare POST ({relay:.1} of {bare:.1} µs), {per_second:.0} a second")
    }
}
