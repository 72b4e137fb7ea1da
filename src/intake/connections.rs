//! How many connections one client's network may have at the same time, so that none can take every place.
//!
//! A network is known here for as long as it has a connection, as the operating system knows it; nothing of it prints or
//! is kept. Must not know what comes over a connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::ClientNetwork;
use crate::telemetry::Metrics;

/// A network has as many connections as one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this network has as many connections as one may")]
pub struct TooManyConnections;

/// The connections of clients' networks.
pub struct Connections {
    most: usize,
    held: Mutex<HashMap<ClientNetwork, usize>>,
    metrics: Arc<Metrics>,
}

/// A connection that counts until this is dropped.
#[must_use = "it counts for as long as it is there"]
pub struct HeldConnection {
    connections: Arc<Connections>,
    network: ClientNetwork,
}

impl Connections {
    /// The limit, by its name in the config.
    pub const LIMIT: &'static str = "address_connections";

    /// At most so many for one network.
    #[must_use]
    pub fn new(most: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default(), metrics })
    }

    /// One more of `network`.
    pub fn hold(self: &Arc<Self>, network: ClientNetwork) -> Result<HeldConnection, TooManyConnections> {
        let mut held = self.held();
        let count = held.entry(network.clone()).or_default();
        if *count >= self.most {
            drop(held);
            self.metrics.connection_refused();
            return Err(TooManyConnections);
        }
        *count += 1;
        drop(held);
        Ok(HeldConnection { connections: Arc::clone(self), network })
    }

    /// Whether some network has as many as one may. Which one is nobody's business.
    #[must_use]
    pub fn is_one_at_the_limit(&self) -> bool {
        self.held().values().any(|count| *count >= self.most)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<ClientNetwork, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for HeldConnection {
    fn drop(&mut self) {
        let mut held = self.connections.held();
        if let Entry::Occupied(mut entry) = held.entry(self.network.clone()) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::of(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_so_many_and_another_as_many() {
        let connections = Connections::new(2, Arc::default());
        let held = ["2001:db8::1", "2001:db8::2"].map(|one| connections.hold(network(one)).unwrap());
        assert!(connections.hold(network("2001:db8::3")).is_err());
        assert!(connections.hold(network("2001:db8:0:1::1")).is_ok());
        drop(held);
        assert!(connections.hold(network("2001:db8::3")).is_ok());
    }

    #[test]
    fn a_network_is_forgotten_with_its_last_connection() {
        let connections = Connections::new(1, Arc::default());
        let held = connections.hold(network("192.0.2.1"));
        let _refused = connections.hold(network("192.0.2.1"));
        assert!(connections.is_one_at_the_limit());
        drop(held);
        assert!(!connections.is_one_at_the_limit() && connections.held().is_empty());
    }
}
