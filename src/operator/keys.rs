//! The relay's own keys: which there are. Their private halves are in key files, which the command line writes.

use std::sync::Arc;

use crate::base::{Clock, UnixMillis};
use crate::privacy::{RegistrationKeys, ShownRegistrationKeys, StorageKeyId};

/// Which keys the relay has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysShown {
    /// The key that the database is kept under.
    pub storage: StorageKeyId,
    /// The keys of sealed registrations, where it takes those.
    pub registration: Option<ShownRegistrationKeys>,
}

/// Shows the relay's own keys.
pub struct Keys {
    storage: StorageKeyId,
    registration: Arc<RegistrationKeys>,
    clock: Arc<dyn Clock>,
}

impl Keys {
    /// The keys of a relay.
    #[must_use]
    pub fn new(storage: StorageKeyId, registration: Arc<RegistrationKeys>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, registration, clock }
    }

    /// Which keys there are now.
    #[must_use]
    pub fn show(&self) -> KeysShown {
        let now: UnixMillis = self.clock.now();
        KeysShown { storage: self.storage, registration: self.registration.shown(now) }
    }
}
