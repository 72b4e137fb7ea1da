//! One connection of a client, as far as the push services remember it.
//!
//! Read next: `apns::binding`, `apns::patience`.

use std::sync::Mutex;

use crate::apns::binding::Binding;
use crate::apns::patience::Patience;

/// What belongs to a connection and not to a request.
#[derive(Debug)]
pub(crate) struct Peer {
    /// From 1, over all hosts of the simulator.
    pub(crate) number: u64,
    /// Apple's rules for provider tokens.
    pub(crate) binding: Mutex<Binding>,
    /// What is left of Apple's patience.
    pub(crate) patience: Mutex<Patience>,
}

impl Peer {
    /// A client that has said nothing yet.
    pub(crate) fn new(number: u64) -> Self {
        Self { number, binding: Mutex::default(), patience: Mutex::default() }
    }
}
