//! How hard a run is, and how long.

use std::time::Duration;

/// What is done to the relay in one run.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Everything that is drawn comes from it.
    pub(super) seed: u64,
    /// How long senders send.
    pub(super) load: Duration,
    /// How often the process is killed.
    pub(super) kills: usize,
    /// How often it is asked to stop.
    pub(super) stops: usize,
    /// How often another process tries to take the database.
    pub(super) intruders: usize,
    /// How many senders there are, each with so many lanes that send at the same time, and so many phones.
    pub(super) senders: usize,
    pub(super) lanes: usize,
    pub(super) phones: usize,
    /// How many phones lose the app.
    pub(super) deaths: usize,
    /// Push services also go silent and fail for long, after which what waits may wait for minutes.
    pub(super) outages: bool,
}

impl Plan {
    /// Some seconds, for every run of the tests.
    pub(super) fn short(seed: u64) -> Self {
        Self {
            seed,
            load: Duration::from_secs(8),
            kills: 2,
            stops: 1,
            intruders: 1,
            senders: 3,
            lanes: 3,
            phones: 6,
            deaths: 1,
            outages: false,
        }
    }

    /// So many seconds of load, and so many kills.
    pub(super) fn long(seed: u64, seconds: u64, kills: usize) -> Self {
        Self {
            seed,
            load: Duration::from_secs(seconds),
            kills,
            stops: kills.div_ceil(4),
            intruders: kills.div_ceil(8),
            senders: 5,
            lanes: 4,
            phones: 12,
            deaths: 4,
            outages: true,
        }
    }
}
