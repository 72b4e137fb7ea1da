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

/// So many of a sender that has none find room, whatever others have.
const A_FEW: usize = 16;

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
    /// Leases that came from the outbox.
    from_outbox: usize,
    /// Leases that could wait in the outbox instead, and places that were promised to such.
    in_rooms: usize,
    /// All leases.
    all: usize,
}

#[derive(Debug, Default)]
struct Line {
    leases: VecDeque<(Lease, Origin)>,
    /// Those of them that could wait in the outbox instead, and places that were promised to such.
    in_rooms: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Somebody waits for it.
    Waited,
    /// It could wait in the outbox instead.
    Room,
    /// It waited there.
    Outbox,
}

impl Lines {
    fn put(&mut self, lease: Lease, origin: Origin) {
        let whose = whose(&lease);
        self.change(whose, origin, 1);
        let line = self.of.entry(whose).or_default();
        if line.leases.is_empty() {
            self.turns.push_back(whose);
        }
        line.leases.push_back((lease, origin));
    }

    fn next(&mut self) -> Option<(Lease, Origin)> {
        let whose = self.turns.pop_front()?;
        let line = self.of.get_mut(&whose).expect("who has a turn has a line");
        let (lease, origin) = line.leases.pop_front().expect("who has a turn has a lease");
        if !line.leases.is_empty() {
            self.turns.push_back(whose);
        }
        self.change(whose, origin, -1);
        Some((lease, origin))
    }

    /// So many more leases of this origin, or less.
    fn change(&mut self, whose: SenderId, origin: Origin, by: isize) {
        self.all = self.all.saturating_add_signed(by);
        match origin {
            Origin::Waited => {}
            Origin::Room => self.promise(whose, by),
            Origin::Outbox => self.from_outbox = self.from_outbox.saturating_add_signed(by),
        }
        self.forget_if_empty(whose);
    }

    /// So many more places in the rooms of a sender, or less.
    fn promise(&mut self, whose: SenderId, by: isize) {
        self.in_rooms = self.in_rooms.saturating_add_signed(by);
        let line = self.of.entry(whose).or_default();
        line.in_rooms = line.in_rooms.saturating_add_signed(by);
        self.forget_if_empty(whose);
    }

    fn forget_if_empty(&mut self, whose: SenderId) {
        if self.of.get(&whose).is_some_and(|line| line.leases.is_empty() && line.in_rooms == 0) {
            self.of.remove(&whose);
        }
    }
}

/// Whose turn a lease takes. The relay's own messages share one, however many ask for them.
fn whose(lease: &Lease) -> SenderId {
    if lease.delivery.payload.is_notification() {
        lease.delivery.reach.sender
    } else {
        SenderId::from_bytes([0; 16])
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
        lines.put(lease, Origin::Waited);
        drop(lines);
        self.0.came.notify_one();
        Ok(())
    }

    /// Room for so many leases of a sender; `None` where there is not as much, and they are better left to the outbox.
    /// Who has none there finds room for a few, whatever others have.
    #[must_use]
    pub fn room(&self, sender: SenderId, count: usize) -> Option<Room> {
        let mut lines = self.0.lines();
        let of_sender = lines.of.get(&sender).map_or(0, |line| line.in_rooms);
        let QueueBounds { all, sender: most } = self.0.bounds;
        let is_first = of_sender == 0 && count <= A_FEW;
        let fits = of_sender + count <= most && (is_first || lines.in_rooms + count <= all);
        if self.0.closed.is_cancelled() || !fits {
            return None;
        }
        lines.promise(sender, count.cast_signed());
        Some(Room { queue: self.clone(), sender, count })
    }

    /// Comes when nobody takes leases any more.
    pub async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// How many leases wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.lines().all
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
                lines.put(lease, Origin::Room);
            }
        }
        drop(lines);
        shared.came.notify_one();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.queue.0.lines().promise(self.sender, -self.count.cast_signed());
    }
}

impl Leases {
    /// The next lease, of the sender whose turn it is. Only one at a time may ask: each is told once of what came.
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

    /// Whether of what came from the outbox so much is taken that more may come.
    #[must_use]
    pub fn has_room_for_outbox(&self) -> bool {
        self.from_outbox() <= OUTBOX_LOW
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Delivery;

    const BOUNDS: QueueBounds = QueueBounds { all: 40, sender: 20 };

    fn lease(sender: u8) -> Lease {
        let delivery = Arc::new(Delivery::example(SenderId::from_bytes([sender; 16])));
        Lease { delivery, attempts: 0, answers_lost: 0, ticket: None }
    }

    fn fill(queue: &LeaseQueue, sender: u8, count: usize) -> bool {
        let room = queue.room(SenderId::from_bytes([sender; 16]), count);
        let fits = room.is_some();
        if let Some(room) = room {
            room.fill(std::iter::repeat_with(|| lease(sender)).take(count));
        }
        fits
    }

    async fn senders(leases: &Leases, count: usize) -> Vec<u8> {
        let mut senders = Vec::new();
        for _ in 0..count {
            senders.push(leases.next().await.delivery.reach.sender.as_bytes()[0]);
        }
        senders
    }

    #[tokio::test]
    async fn senders_are_served_in_turn() {
        let (queue, leases) = lease_queue(BOUNDS);
        assert!(fill(&queue, 1, 4));
        leases.put_from_outbox([lease(2), lease(2)]);
        queue.put(lease(3)).unwrap();

        assert_eq!(senders(&leases, 7).await, [1, 2, 3, 1, 2, 1, 1]);
        assert_eq!(queue.waiting(), 0);
    }

    #[tokio::test]
    async fn a_few_of_a_sender_that_has_none_find_room_beside_everybody_else() {
        let (queue, _leases) = lease_queue(BOUNDS);
        assert!(fill(&queue, 1, 20) && fill(&queue, 2, 20));
        assert!(!fill(&queue, 1, 1) && !fill(&queue, 3, A_FEW + 1));
        assert!(fill(&queue, 3, A_FEW));
        assert!(!fill(&queue, 3, 1));
    }

    #[tokio::test]
    async fn what_somebody_waits_for_and_what_comes_from_the_outbox_takes_nobodys_room() {
        let (queue, leases) = lease_queue(BOUNDS);
        for _ in 0..100 {
            queue.put(lease(1)).unwrap();
        }
        leases.put_from_outbox(std::iter::repeat_with(|| lease(1)).take(100));
        assert_eq!(leases.from_outbox(), 100);
        assert!(fill(&queue, 1, 20) && fill(&queue, 2, 20));
    }

    #[tokio::test]
    async fn a_closed_queue_takes_nothing_and_drops_what_waits() {
        let (queue, leases) = lease_queue(BOUNDS);
        assert!(fill(&queue, 1, 3));
        leases.close();
        assert!(queue.put(lease(1)).is_err() && !fill(&queue, 1, 1));
        assert_eq!(queue.waiting(), 0);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_round_serves_everybody(counts in vec(1usize..8, 1..6)) {
            let (queue, leases) = lease_queue(QueueBounds { all: 1_000, sender: 1_000 });
            for (sender, count) in (1_u8..).zip(&counts) {
                prop_assert!(fill(&queue, sender, *count));
            }
            let mut left = counts.clone();
            while left.iter().any(|count| *count > 0) {
                for (sender, left) in (1_u8..).zip(&mut left).filter(|(_, left)| **left > 0) {
                    let (next, _) = leases.0.lines().next().unwrap();
                    prop_assert_eq!(next.delivery.reach.sender.as_bytes()[0], sender);
                    *left -= 1;
                }
            }
            prop_assert_eq!((queue.waiting(), leases.0.lines().of.len()), (0, 0));
        }
    }
}
