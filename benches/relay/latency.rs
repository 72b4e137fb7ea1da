//! How long a notification takes from its sender to the push service while the relay is half busy.

use std::collections::HashMap;

use super::devices::Devices;
use super::load::{self, Http, Sending};
use super::setting::Bench;
use super::simulators::Arrival;

/// As fast as the relay can, to find out how fast that is.
const AT_MOST: usize = 20_000;
/// Seconds at half of that.
const SECONDS: f64 = 20.0;
/// Nobody waits for a free connection: at half load some of these are under way.
const CONNECTIONS: usize = 256;

/// Prints it for both ways of sending to one target. The simulators must be recording.
pub(crate) async fn print(bench: &Bench) {
    for wait in [true, false] {
        let sending = Sending { wait, targets: 1, at_once: CONNECTIONS, http: Http::One };
        load::run(&bench.relay, &bench.devices, &sending, 2_000).await;
        let busy = Sending { at_once: 64, ..sending };
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
        let most = AT_MOST as f64 / load::run(&bench.relay, &bench.devices, &busy, AT_MOST).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let before = bench.simulators.arrivals().len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
        let deliveries = (most / 2.0 * SECONDS) as usize;
        let sent = load::steady(&bench.relay, &bench.devices, &sending, deliveries, most / 2.0).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let arrived = bench.simulators.arrivals().split_off(before);
        let what = format!("wait {wait}, {:.0} a second", most / 2.0);
        tell(&what, &bench.devices, &sent, &arrived);
    }
}

/// Prints how long it took from `devices`' sender to the push service.
pub(crate) fn tell(what: &str, devices: &Devices, sent: &[u64], arrived: &[Arrival]) {
    let mut lasted = lasted(devices, sent, arrived);
    lasted.sort_unstable();
    let at = |per_mille: usize| lasted[(lasted.len() - 1) * per_mille / 1_000];
    println!(
        "from sender to push service, {what}: p50 {} ms, p99 {} ms, p99.9 {} ms",
        at(500),
        at(990),
        at(999),
    );
}

/// Milliseconds for each notification. The device's first arrival belongs to its first notification, and so on.
fn lasted(devices: &Devices, sent: &[u64], arrived: &[Arrival]) -> Vec<u64> {
    let mut arrivals: HashMap<&str, Vec<u64>> = HashMap::new();
    for (token, at) in arrived {
        arrivals.entry(token).or_default().push(*at);
    }
    let devices = &devices.apns;
    let each = sent.iter().enumerate().map(|(number, sent)| {
        let token = devices[number % devices.len()].token.as_str();
        arrivals[token][number / devices.len()].saturating_sub(*sent)
    });
    each.collect()
}
