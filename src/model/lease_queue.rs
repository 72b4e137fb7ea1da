//! The queue of leases between those who accept notifications and delivery: one line per sender, served in turn.
//!
//! However much one sender has waiting, the next lease of another is at most one round away. What intake puts in is
//! bounded for rows that could as well wait in the outbox; what a sender waits for is bounded by the requests that are
//! held. Must not know what a lease is worth or where it goes. Read next: `lease.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Lease, SenderId};

/// When so many of the leases that came from the outbox are left, more may come.
const OUTBOX_LOW: usize = 512;

/// How many leases may lie in the queue of those that could wait in the outbox instead.
#[derive(Debug, Clone, Copy)]
pub struct QueueBounds {
    /// Of all senders.
    pub all: usize,
    /// Of one.
    pub sender: usize,
}

/// A new queue: the end that is put into, and the end that is taken from.
#[must_use]
pub fn lease_queue(bounds: QueueBounds) -> (LeaseQueue, Leases) {
    let shared = Arc::new(Shared {
        lines: Mutex::default(),
        bounds,
        came: Notify::new(),
        outbox_is_low: Notify::new(),
        closed: CancellationToken::new(),
    });
    (LeaseQueue(Arc::clone(&shared)), Leases(shared))
}

/// The end that leases are put into.
#[derive(Debug, Clone)]
pub struct LeaseQueue(Arc<Shared>);

/// The end that leases are taken from. When it is dropped, the queue is closed.
#[derive(Debug)]
pub struct Leases(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    lines: Mutex<Lines>,
    bounds: QueueBounds,
    came: Notify,
    outbox_is_low: Notify,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct Lines {
    of: HashMap<SenderId, Line>,
    /// The senders with leases, the next one first.
    turns: VecDeque<SenderId>,
    /// Leases, and places that were promised to some.
    taken: usize,
    /// Leases that came from the outbox.
    from_outbox: usize,
}

#[derive(Debug, Default)]
struct Line {
    leases: VecDeque<(Lease, Origin)>,
    promised: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Intake,
    Outbox,
}

impl Lines {
    fn put(&mut self, lease: Lease, origin: Origin) {
        let sender = lease.delivery.reach.sender;
        let line = self.of.entry(sender).or_default();
        if line.leases.is_empty() {
            self.turns.push_back(sender);
        }
        line.leases.push_back((lease, origin));
        self.taken += 1;
        self.from_outbox += usize::from(origin == Origin::Outbox);
    }

    fn next(&mut self) -> Option<(Lease, Origin)> {
        let sender = self.turns.pop_front()?;
        let line = self.of.get_mut(&sender).expect("who has a turn has a line");
        let (lease, origin) = line.leases.pop_front().expect("who has a turn has a lease");
        if !line.leases.is_empty() {
            self.turns.push_back(sender);
        } else if line.promised == 0 {
            self.of.remove(&sender);
        }
        self.taken -= 1;
        self.from_outbox -= usize::from(origin == Origin::Outbox);
        Some((lease, origin))
    }

    fn give_back(&mut self, sender: SenderId, promised: usize) {
        self.taken -= promised;
        if let Some(line) = self.of.get_mut(&sender) {
            line.promised -= promised;
            if line.promised == 0 && line.leases.is_empty() {
                self.of.remove(&sender);
            }
        }
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LeaseQueue {
    /// Puts in a lease that somebody waits for. Gives it back where the queue is closed.
    pub fn put(&self, lease: Lease) -> Result<(), Box<Lease>> {
        let mut lines = self.0.lines();
        if self.0.closed.is_cancelled() {
            return Err(Box::new(lease));
        }
        lines.put(lease, Origin::Intake);
        drop(lines);
        self.0.came.notify_one();
        Ok(())
    }

    /// Room for so many leases of a sender; `None` where there is not as much, and they are better left to the outbox.
    #[must_use]
    pub fn room(&self, sender: SenderId, count: usize) -> Option<Room> {
        let mut lines = self.0.lines();
        let of_sender = lines.of.get(&sender).map_or(0, |line| line.leases.len() + line.promised);
        let QueueBounds { all, sender: most } = self.0.bounds;
        if self.0.closed.is_cancelled() || lines.taken + count > all || of_sender + count > most {
            return None;
        }
        lines.taken += count;
        lines.of.entry(sender).or_default().promised += count;
        drop(lines);
        Some(Room { queue: self.clone(), sender, count })
    }

    /// Comes when nobody takes leases any more.
    pub async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// How many leases wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.lines().taken
    }
}

/// Places in the queue for leases of one sender.
#[derive(Debug)]
pub struct Room {
    queue: LeaseQueue,
    sender: SenderId,
    count: usize,
}

impl Room {
    /// Puts `leases` in, which are the sender's and no more than there is room for.
    pub fn fill(self, leases: impl IntoIterator<Item = Lease>) {
        let shared = Arc::clone(&self.queue.0);
        let mut lines = shared.lines();
        for lease in leases {
            if !shared.closed.is_cancelled() {
                lines.put(lease, Origin::Intake);
            }
        }
        drop(lines);
        shared.came.notify_one();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.queue.0.lines().give_back(self.sender, self.count);
    }
}

impl Leases {
    /// The next lease, of the sender whose turn it is.
    pub async fn next(&self) -> Lease {
        loop {
            let came = self.0.came.notified();
            let next = self.0.lines().next();
            if let Some((lease, origin)) = next {
                if origin == Origin::Outbox && self.from_outbox() == OUTBOX_LOW {
                    self.0.outbox_is_low.notify_one();
                }
                return lease;
            }
            came.await;
        }
    }

    /// Puts in what was leased from the outbox: it waits for its sender's turn like everything else.
    pub fn put_from_outbox(&self, leases: impl IntoIterator<Item = Lease>) {
        let mut lines = self.0.lines();
        for lease in leases {
            lines.put(lease, Origin::Outbox);
        }
        drop(lines);
        self.0.came.notify_one();
    }

    /// How many of the leases came from the outbox.
    #[must_use]
    pub fn from_outbox(&self) -> usize {
        self.0.lines().from_outbox
    }

    /// Comes when of what came from the outbox half is taken.
    pub async fn outbox_is_low(&self) {
        self.0.outbox_is_low.notified().await;
    }

    /// Takes no further leases, and drops those that wait: their tickets say so to those who wait for them.
    pub fn close(&self) {
        self.0.closed.cancel();
        let dropped = {
            let mut lines = self.0.lines();
            let mut dropped = Vec::new();
            while let Some(lease) = lines.next() {
                dropped.push(lease);
            }
            dropped
        };
        drop(dropped);
    }
}

impl Drop for Leases {
    fn drop(&mut self) {
        self.close();
    }
}
