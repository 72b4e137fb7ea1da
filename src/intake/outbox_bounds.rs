//! How much may wait in the outbox: of one sender, and of all.
//!
//! What is over a bound is refused with nothing done, so that the relay promises no more than its disk can keep, and one
//! sender's backlog leaves room for the others. What was promised is never given up for it. Requests that are judged at
//! the same moment may pass a bound together, by what they hold at most.

use crate::storage::Load;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxBounds {
    /// Of one sender.
    pub sender: Load,
    /// Of all.
    pub all: Load,
}

/// What is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// What the sender may have waiting.
    Sender,
    /// What the relay holds for all.
    Relay,
}

impl OutboxBounds {
    /// Whether `deliveries` more may wait beside what does, of the sender and of all.
    pub(super) fn check(&self, (sender, all): (Load, Load), deliveries: usize) -> Result<(), Full> {
        let fits = |waiting: Load, most: Load| {
            waiting.deliveries + deliveries as u64 <= most.deliveries && waiting.bytes < most.bytes
        };
        if !fits(sender, self.sender) {
            return Err(Full::Sender);
        }
        if fits(all, self.all) { Ok(()) } else { Err(Full::Relay) }
    }

    /// Whether a tenth of what may wait of all is free: so much that a full outbox can be said to have room again.
    #[must_use]
    pub fn have_air(&self, all: Load) -> bool {
        let below = |waiting: u64, most: u64| waiting <= most - most / 10;
        below(all.deliveries, self.all.deliveries) && below(all.bytes, self.all.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(deliveries: u64, bytes: u64) -> Load {
        Load { deliveries, bytes }
    }

    #[test]
    fn each_bound_is_felt_at_its_edge() {
        let bounds = OutboxBounds { sender: load(10, 1_000), all: load(20, 2_000) };
        for (sender, all, more, expected) in [
            (load(9, 999), load(19, 1_999), 1, Ok(())),
            (load(9, 0), load(9, 0), 2, Err(Full::Sender)),
            (load(0, 1_000), load(0, 1_000), 1, Err(Full::Sender)),
            (load(0, 0), load(20, 0), 1, Err(Full::Relay)),
            (load(0, 0), load(0, 2_000), 1, Err(Full::Relay)),
            (load(0, 0), load(0, 0), 11, Err(Full::Sender)),
        ] {
            assert_eq!(bounds.check((sender, all), more), expected, "{sender:?} {all:?} {more}");
        }
    }
}
