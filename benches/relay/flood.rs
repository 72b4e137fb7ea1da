//! How long one sender's notifications take while another sends as fast as it is answered.

use std::time::Duration;

use super::devices;
use super::latency::tell;
use super::load::{self, Http, Sending};
use super::setting::Bench;

/// Devices of the sender that does not flood.
const DEVICES: usize = 100;
/// What it sends, one target each, at even distances.
const NOTIFICATIONS: usize = 1_500;
const A_SECOND: f64 = 100.0;

/// Prints it without and with the flood. The simulators must be recording.
pub(crate) async fn print(bench: &Bench) {
    let other = devices::register(&bench.relay, &bench.simulators, DEVICES).await;
    let calm = Sending { wait: true, targets: 1, at_once: 64, http: Http::One };
    let flood = Sending { wait: false, targets: 100, at_once: 8, http: Http::One };
    for (floods, what) in
        [(false, "100 a second alone"), (true, "100 a second beside another sender's flood")]
    {
        let before = bench.simulators.arrivals().len();
        let flooding = async {
            if !floods {
                std::future::pending::<()>().await;
            }
            loop {
                load::run(&bench.relay, &bench.devices, &flood, 10_000).await;
            }
        };
        let sent = tokio::select! {
            sent = load::steady(&bench.relay, &other, &calm, NOTIFICATIONS, A_SECOND) => sent,
            () = flooding => unreachable!("it has no end"),
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        tell(what, &other, &sent, &bench.simulators.arrivals().split_off(before));
    }
}
