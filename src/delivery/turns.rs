//! Which lanes of the outbox are asked for what is due, and for how much. Pure.
//!
//! Every lane gets its turn, however long another one is. Whoever may not go now is not asked: what waits for an app that
//! is held costs nothing until it may try.

use std::collections::HashMap;

use crate::model::PushWay;
use crate::push_services::Passing;
use crate::storage::{Lane, LaneShare};

/// What a lane may give at least, however many are asked: otherwise one that is long would empty drop by drop while the
/// others have nothing due.
const LEAST: u32 = 32;

/// What a lane gives whose way is full: some places may come free, and what waits in memory would take them all.
const A_FEW: u32 = 8;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The lane after which the next round begins.
    after: Option<Lane>,
}

/// A lane that may be asked, and who may go its way.
pub(super) type Open = (Lane, Passing);

impl Turns {
    /// The lanes that may be asked now, in their turn. `lanes`: all in which something waits, in their order.
    pub(super) fn open(&self, lanes: Vec<Lane>, passing: impl Fn(&PushWay) -> Passing) -> Vec<Open> {
        let mut known = HashMap::new();
        let first = lanes.partition_point(|lane| Some(lane) <= self.after.as_ref());
        let mut open: Vec<Open> = lanes
            .into_iter()
            .map(|lane| {
                let passing = *known.entry(lane.way.clone()).or_insert_with(|| passing(&lane.way));
                (lane, passing)
            })
            .collect();
        open.rotate_left(first);
        open.retain(|(_, passing)| *passing > Passing::Nobody);
        open
    }

    /// How `room` is shared among lanes that are asked together.
    pub(super) fn share(lanes: &[Open], room: u32) -> Vec<LaneShare> {
        let count = u32::try_from(lanes.len()).unwrap_or(u32::MAX).max(1);
        let each = (room / count).max(LEAST);
        let share = |(lane, passing): &Open| LaneShare {
            lane: lane.clone(),
            most: match passing {
                Passing::Nobody => 0,
                Passing::One => 1,
                Passing::Few => A_FEW,
                Passing::Free => each,
            },
            one_of_way: *passing == Passing::One,
        };
        lanes.iter().map(share).collect()
    }

    /// The next round begins after this lane.
    pub(super) fn end_with(&mut self, lane: &Lane) {
        self.after = Some(lane.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SenderId;

    fn lane(sender: u8, way: &str) -> Lane {
        Lane { sender: SenderId::from_bytes([sender; 16]), way: way.parse().unwrap() }
    }

    fn lanes() -> Vec<Lane> {
        vec![lane(1, "chat/fcm"), lane(2, "chat/fcm"), lane(2, "home/fcm"), lane(3, "chat/fcm")]
    }

    #[test]
    fn each_round_begins_after_the_lane_that_the_last_one_ended_with() {
        let mut turns = Turns::default();
        turns.end_with(&lane(2, "chat/fcm"));
        let order: Vec<_> =
            turns.open(lanes(), |_| Passing::Free).into_iter().map(|(lane, _)| lane).collect();
        assert_eq!(
            order,
            [lane(2, "home/fcm"), lane(3, "chat/fcm"), lane(1, "chat/fcm"), lane(2, "chat/fcm")]
        );
        turns.end_with(&lane(9, "zoo/fcm"));
        assert_eq!(turns.open(lanes(), |_| Passing::Free)[0].0, lane(1, "chat/fcm"));
    }

    #[test]
    fn a_closed_way_is_not_asked_and_one_that_may_try_gives_one() {
        let passing = |way: &PushWay| if way.app.as_str() == "chat" { Passing::Nobody } else { Passing::One };
        let open = Turns::default().open(lanes(), passing);
        assert_eq!(open, [(lane(2, "home/fcm"), Passing::One)]);
        let expected = LaneShare { lane: lane(2, "home/fcm"), most: 1, one_of_way: true };
        assert_eq!(Turns::share(&open, 1_000), [expected]);
    }

    #[test]
    fn a_full_way_gives_a_few() {
        let open = Turns::default().open(lanes(), |_| Passing::Few);
        assert!(Turns::share(&open, 1_000).iter().all(|share| share.most == A_FEW && !share.one_of_way));
    }

    #[test]
    fn room_is_shared_evenly_and_never_by_drops() {
        let open = Turns::default().open(lanes(), |_| Passing::Free);
        assert!(Turns::share(&open, 1_000).iter().all(|share| share.most == 250));
        assert!(Turns::share(&open, 4).iter().all(|share| share.most == LEAST));
        assert_eq!(Turns::share(&[], 4), []);
    }
}
