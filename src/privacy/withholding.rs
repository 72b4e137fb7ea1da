//! Counts of what a sender shares, and which of them too few devices are behind to be written.
//!
//! Pure: whoever records tells the day, and whoever writes asks what may be. What is withheld is in memory alone, and
//! there is no sum over what is written and what is not: a difference of two numbers tells nothing of a small one.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use crate::base::{Day, UnixMillis};
use crate::model::{SubscriptionId, VolumeCell};

/// How long after its midnight a day still may grow.
const LATE: Duration = Duration::from_hours(1);

/// The deliveries of one sender that ended, by cell.
#[derive(Default)]
pub struct VolumeCounts {
    cells: HashMap<VolumeCell, Count>,
    /// Its key is random, and ends with this value.
    hasher: RandomState,
}

/// What was counted in one cell and is not written.
#[derive(Default)]
struct Count {
    deliveries: u64,
    behind: Behind,
}

/// Who is behind a count.
enum Behind {
    /// Fewer devices than are asked for: keyed hashes of their subscriptions, to tell them apart.
    Few(Vec<u64>),
    /// As many as are asked for. Nothing is known of them.
    Enough,
}

impl Default for Behind {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// What was counted in a cell and is not written yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// The cell.
    pub cell: VolumeCell,
    /// How many deliveries.
    pub deliveries: u64,
    /// Whether enough devices are behind them. Those of a cell of which some are written already join it all the same:
    /// enough are behind that one.
    pub enough: bool,
}

impl VolumeCounts {
    /// One more delivery ended, to this subscription. A cell may be shown when `least` devices are behind it.
    pub fn add(&mut self, cell: VolumeCell, subscription: SubscriptionId, least: u32) {
        let device = self.hasher.hash_one(subscription.as_bytes());
        let count = self.cells.entry(cell).or_default();
        count.deliveries += 1;
        if let Behind::Few(devices) = &mut count.behind {
            if !devices.contains(&device) {
                devices.push(device);
            }
            if devices.len() >= least as usize {
                count.behind = Behind::Enough;
            }
        }
    }

    /// What is counted and not written.
    pub fn pending(&self) -> impl Iterator<Item = Pending> {
        self.cells.iter().filter(|(_, count)| count.deliveries > 0).map(|(cell, count)| Pending {
            cell: *cell,
            deliveries: count.deliveries,
            enough: matches!(count.behind, Behind::Enough),
        })
    }

    /// So many of a cell are written: enough devices are behind it.
    pub fn written(&mut self, cell: VolumeCell, deliveries: u64) {
        if let Some(count) = self.cells.get_mut(&cell) {
            count.deliveries = count.deliveries.saturating_sub(deliveries);
            count.behind = Behind::Enough;
        }
    }

    /// Days before `today` are over: what of them was not written is dropped.
    pub fn end_days_before(&mut self, today: Day) {
        self.cells.retain(|cell, _| cell.day >= today);
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// The first day that is not over: what ended just before midnight may be told a little later.
#[must_use]
pub fn first_open_day(now: UnixMillis) -> Day {
    now.minus(LATE).day()
}

/// What is written of a number of devices: the multiple of `least` below it, so that one that comes or goes does not
/// show from one day to the next; nothing where there are fewer.
#[must_use]
pub fn shown_devices(devices: u64, least: u32) -> Option<u64> {
    let least = u64::from(least.max(1));
    Some(devices / least * least).filter(|shown| *shown > 0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::{Outcome, PushService};

    fn cell(day: i32, outcome: usize) -> VolumeCell {
        VolumeCell { day: Day(day), push_service: PushService::Fcm, outcome: Outcome::NAMES[outcome] }
    }

    fn device(number: u8) -> SubscriptionId {
        SubscriptionId::from_bytes([number; 16])
    }

    #[test]
    fn one_device_however_often_is_one_device() {
        let mut counts = VolumeCounts::default();
        for _ in 0..1_000 {
            counts.add(cell(1, 0), device(1), 5);
        }
        let pending: Vec<_> = counts.pending().collect();
        assert_eq!(pending, [Pending { cell: cell(1, 0), deliveries: 1_000, enough: false }]);
    }

    #[test]
    fn what_is_written_is_not_pending_and_what_follows_joins_it() {
        let mut counts = VolumeCounts::default();
        (0..5).for_each(|number| counts.add(cell(1, 0), device(number), 5));
        counts.written(cell(1, 0), 5);
        assert_eq!(counts.pending().count(), 0);
        counts.add(cell(1, 0), device(9), 5);
        assert!(counts.pending().all(|pending| pending.enough && pending.deliveries == 1));
    }

    #[test]
    fn what_few_devices_are_behind_ends_with_its_day() {
        let mut counts = VolumeCounts::default();
        counts.add(cell(1, 0), device(1), 5);
        counts.add(cell(2, 0), device(1), 5);
        counts.end_days_before(Day(2));
        assert_eq!(counts.pending().map(|pending| pending.cell).collect::<Vec<_>>(), [cell(2, 0)]);
        counts.end_days_before(Day(3));
        assert!(counts.is_empty());
    }

    #[test]
    fn a_day_is_over_an_hour_after_its_midnight() {
        let midnight = UnixMillis(2 * 86_400_000);
        assert_eq!(first_open_day(midnight), Day(1));
        assert_eq!(first_open_day(midnight.plus(LATE)), Day(2));
    }

    proptest! {
        /// Whatever happens: a cell may be written only where that many devices are behind it, and neither a cell nor
        /// a difference of cells tells of fewer.
        #[test]
        fn a_count_is_withheld_exactly_while_fewer_devices_are_behind_it(
            deliveries in prop::collection::vec((0_i32..3, 0_usize..6, 0_u8..12), 0..200),
            least in 5_u32..9,
        ) {
            let mut counts = VolumeCounts::default();
            for (day, outcome, number) in &deliveries {
                counts.add(cell(*day, *outcome), device(*number), least);
            }
            for pending in counts.pending() {
                let of_cell = deliveries.iter().filter(|(day, outcome, _)| cell(*day, *outcome) == pending.cell);
                let behind: HashSet<u8> = of_cell.clone().map(|(_, _, number)| *number).collect();
                prop_assert_eq!(pending.enough, behind.len() >= least as usize);
                prop_assert_eq!(pending.deliveries, of_cell.count() as u64);
            }
        }

        #[test]
        fn shown_devices_are_none_or_many_and_differ_by_many(one in 0_u64..10_000, other in 0_u64..10_000, least in 5_u32..50) {
            let (one, other) = (shown_devices(one, least), shown_devices(other, least));
            prop_assert!(one.is_none_or(|shown| shown >= u64::from(least)));
            let difference = one.unwrap_or(0).abs_diff(other.unwrap_or(0));
            prop_assert!(difference == 0 || difference >= u64::from(least));
        }
    }
}
