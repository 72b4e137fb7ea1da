//! What may happen to a relay, one after the other, and how it is drawn.

use std::fmt;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Phones that exist at any time.
pub(super) const PHONES: usize = 4;

/// One thing that happens. When the next one happens, the relay has come to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// The sender notifies these phones.
    Notify {
        phones: Vec<usize>,
        wait: bool,
        ttl: u64,
        collapse_key: Option<u8>,
    },
    /// It sends the notification with this number (of those so far) again.
    Repeat(usize),
    /// It withdraws it.
    Withdraw(usize),
    /// The next so many pushes to a phone are answered so.
    Answers {
        phone: usize,
        reply: Reply,
        times: u32,
    },
    /// So many seconds pass.
    Advance(u32),
    /// The wall clock is set back by so many seconds.
    SetBack(u32),
    /// The app removes the subscription of a phone, and subscribes anew.
    Unsubscribe(usize),
    /// The operator stops the sender, and lets it go on.
    Suspend,
    Resume,
    /// The process ends without a word, and another one starts.
    Restart,
    /// The next time that the store is asked for this, this goes wrong.
    Trouble(Point, Trouble),
}

/// How a push service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// Come back after so many seconds.
    Busy(u32),
    /// The device token is dead.
    Dead,
    /// It is refused for good.
    Refused,
    /// It is taken, and the connection breaks before the answer.
    AnswerLost,
    /// The connection breaks before it is taken.
    Broken,
    /// The stream is refused: certainly not taken.
    NotProcessed,
}

/// Where the store may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    Promise,
    CallOff,
    Finish,
    Lease,
    Settle,
}

/// How it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It fails, and nothing was written.
    Fails,
    /// It was written, and says that it failed.
    FailsWritten,
    /// The process ends before it is written.
    EndsBefore,
    /// The process ends when it is written, before anybody learns.
    EndsAfter,
}

/// What happens in the life of a relay. Printed as `failures.rs` takes it.
#[derive(Clone)]
pub(super) struct Operations(pub(super) Vec<Operation>);

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[")?;
        self.0.iter().try_for_each(|operation| writeln!(f, "    {operation:?},"))?;
        write!(f, "]")
    }
}

/// Any history.
pub(super) fn histories() -> impl Strategy<Value = Operations> {
    vec(operation(), 4..24).prop_map(Operations)
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => notify(),
        1 => (0..8usize).prop_map(Operation::Repeat),
        2 => (0..8usize).prop_map(Operation::Withdraw),
        6 => (0..PHONES, reply(), 1..4u32)
            .prop_map(|(phone, reply, times)| Operation::Answers { phone, reply, times }),
        4 => prop_oneof![1..5u32, 20..90u32, 600..4_000u32, Just(100_000)].prop_map(Operation::Advance),
        1 => prop_oneof![1..90u32, 3_000..8_000u32].prop_map(Operation::SetBack),
        1 => (0..PHONES).prop_map(Operation::Unsubscribe),
        1 => Just(Operation::Suspend),
        2 => Just(Operation::Resume),
        1 => Just(Operation::Restart),
        3 => (point(), trouble()).prop_map(|(point, trouble)| Operation::Trouble(point, possible(point, trouble))),
    ]
}

/// What gives leases out says that it failed only where it wrote nothing: the commit is the last that can fail, and it
/// fails as a whole.
fn possible(point: Point, trouble: Trouble) -> Trouble {
    match (point, trouble) {
        (Point::Promise | Point::Lease, Trouble::FailsWritten) => Trouble::Fails,
        _ => trouble,
    }
}

fn notify() -> impl Strategy<Value = Operation> {
    let ttl = prop_oneof![Just(0u64), Just(3), Just(60), Just(3_600), Just(86_400), Just(86_400)];
    let phones = proptest::sample::subsequence((0..PHONES).collect::<Vec<_>>(), 1..=3);
    (phones, any::<bool>(), ttl, option::of(0..2u8))
        .prop_map(|(phones, wait, ttl, collapse_key)| Operation::Notify { phones, wait, ttl, collapse_key })
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        4 => prop_oneof![1..5u32, 30..100u32, Just(4_000)].prop_map(Reply::Busy),
        1 => Just(Reply::Dead),
        1 => Just(Reply::Refused),
        3 => Just(Reply::AnswerLost),
        1 => Just(Reply::Broken),
        1 => Just(Reply::NotProcessed),
    ]
}

fn point() -> impl Strategy<Value = Point> {
    prop_oneof![
        3 => Just(Point::Promise),
        1 => Just(Point::CallOff),
        2 => Just(Point::Finish),
        2 => Just(Point::Lease),
        3 => Just(Point::Settle),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::Fails),
        Just(Trouble::FailsWritten),
        Just(Trouble::EndsBefore),
        Just(Trouble::EndsAfter)
    ]
}
