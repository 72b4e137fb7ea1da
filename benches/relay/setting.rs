//! A relay with devices, and with what its database holds besides.

use std::time::Duration;

use tempfile::TempDir;

use super::devices::{self, Devices};
use super::fill::Database;
use super::process::Process;
use super::simulators::{self, Simulators};

/// Few registrations: each is notified many times.
pub(crate) const FEW: usize = 1_000;
/// Many: more than any cache of the relay's holds.
pub(crate) const MANY: usize = 1_000_000;
/// Of many registrations so many are notified, each about once: they lie all over the database. The others are there.
pub(crate) const NOTIFIED: usize = 20_000;
/// Devices of the sender whose deliveries wait.
const OTHERS: usize = 1_000;

/// What there is before the measurements.
pub(crate) struct Setting {
    /// Registrations, each with a subscription.
    pub(crate) registrations: usize,
    /// Whether the simulators keep what they got.
    pub(crate) recording: bool,
}

/// Everything that a measurement needs.
pub(crate) struct Bench {
    pub(crate) relay: Process,
    pub(crate) simulators: Simulators,
    pub(crate) devices: Devices,
    /// From the relay's first start until it answered, and its memory then.
    pub(crate) ready: Duration,
    pub(crate) idle_mb: f64,
    folder: TempDir,
}

impl Setting {
    /// Brings it about.
    pub(crate) async fn start(&self) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let simulators = simulators::start(folder.path(), self.recording);
        simulators.write_config(folder.path());
        let (relay, ready) = Process::start(folder.path()).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let idle_mb = relay.memory_mb();
        let devices = devices::register(&relay, &simulators, self.registrations.min(NOTIFIED)).await;
        let mut bench = Bench { relay, simulators, devices, ready, idle_mb, folder };
        if self.registrations > NOTIFIED {
            bench.relay.stop().await;
            Database::open(bench.folder.path()).await.add_registrations(self.registrations - NOTIFIED).await;
            bench.relay = Process::start(bench.folder.path()).await.0;
        }
        bench
    }
}

impl Bench {
    /// Has so many deliveries of another sender wait in the outbox, which are not due before tomorrow.
    pub(crate) async fn add_waiting(&mut self, count: usize) {
        let others = devices::register(&self.relay, &self.simulators, OTHERS).await;
        self.relay.stop().await;
        Database::open(self.folder.path()).await.promise(&others, count, Duration::from_hours(12)).await;
        self.relay = Process::start(self.folder.path()).await.0;
    }
}
