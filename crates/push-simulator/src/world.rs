//! Everything that the hosts of one simulator share.
//!
//! Owns no rules: it only holds the parts together. No global exists beside it. Read next: `exchange`.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::broadcast;

use crate::apns::teams::Teams;
use crate::config::SimulatorConfig;
use crate::devices::Devices;
use crate::fcm::accounts::Accounts;
use crate::journal::Journal;
use crate::quotas::Quotas;
use crate::script::Script;

/// The state of one simulator.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) config: SimulatorConfig,
    pub(crate) devices: Devices,
    pub(crate) teams: Teams,
    pub(crate) accounts: Accounts,
    pub(crate) script: Script,
    pub(crate) journal: Journal,
    pub(crate) quotas: Quotas,
    /// Tells every connection to say GOAWAY with this reason.
    pub(crate) farewells: broadcast::Sender<String>,
    connections: AtomicU64,
}

impl World {
    /// An empty world.
    pub(crate) fn new(config: SimulatorConfig, accounts: Accounts) -> Self {
        let journal = Journal::new(if config.record { config.record_limit } else { 0 });
        Self {
            config,
            devices: Devices::default(),
            teams: Teams::default(),
            accounts,
            script: Script::default(),
            journal,
            quotas: Quotas::default(),
            farewells: broadcast::Sender::new(16),
            connections: AtomicU64::new(0),
        }
    }

    /// The number of a new connection.
    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }
}
