//! What is counted of senders that share their usage, in memory, until it is written.
//!
//! A sender that shares nothing costs one look at a flag, and where others share, one into a map. What is recorded
//! takes a [`Consent`], which only what stands in the store makes. The engine tells what that is: at its start, and
//! with each commit that changes it. This process holds the database alone; several on one store would have to tell
//! each other, and until then each write looks again (see the engine's `shared_usage.rs`). Must not know SQL.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

use super::consent::{Consent, Recorded, ServerSoftware, Volume};
use crate::base::Day;
use crate::model::{
    Categories, Category, Outcome, PushService, SenderId, Software, SubscriptionId, TargetOutcome, VolumeCell,
};
use crate::privacy::{Pending, VolumeCounts};

/// How many devices are behind a count at least, where nobody says more.
pub const LEAST_DEVICES: u32 = 5;

/// What each sender shares of which something is recorded: none that shares nothing.
pub(super) type Agreed = HashMap<SenderId, Categories>;

/// A delivery that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedDelivery {
    /// Whose it was.
    pub sender: SenderId,
    /// To whom it went.
    pub subscription: SubscriptionId,
    /// How it is counted.
    pub cell: VolumeCell,
}

impl EndedDelivery {
    /// That a delivery of `sender`'s by this push service ended as `target` says.
    #[must_use]
    pub fn of(sender: SenderId, push_service: PushService, target: &TargetOutcome) -> Self {
        let outcome = Outcome::as_str(&target.outcome);
        let cell = VolumeCell { day: target.at.day(), push_service, outcome };
        Self { sender, subscription: target.subscription, cell }
    }
}

/// Counts what is shared.
pub struct UsageRecorder {
    /// Whether anybody shares anything.
    anybody: AtomicBool,
    least: AtomicU32,
    agreed: RwLock<Agreed>,
    recorded: Mutex<Recordings>,
}

/// What was recorded.
#[derive(Default)]
struct Recordings {
    volume: HashMap<SenderId, VolumeCounts>,
    software: HashMap<SenderId, Seen>,
    /// The last day on which the devices of a sender were counted.
    devices: HashMap<SenderId, Day>,
}

/// The software of a sender.
struct Seen {
    software: Software,
    day: Day,
    is_written: bool,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Unwritten {
    pub(super) volume: Vec<(SenderId, Pending)>,
    pub(super) software: Vec<(SenderId, Software, Day)>,
    /// Whose devices were not counted today.
    pub(super) devices: Vec<SenderId>,
}

impl Default for UsageRecorder {
    fn default() -> Self {
        Self {
            anybody: AtomicBool::new(false),
            least: AtomicU32::new(LEAST_DEVICES),
            agreed: RwLock::default(),
            recorded: Mutex::default(),
        }
    }
}

impl UsageRecorder {
    /// That the administrator of `sender` shares `C`, if it is so.
    pub fn consent<C: Recorded>(&self, sender: SenderId) -> Option<Consent<'_, C>> {
        if !self.anybody.load(Ordering::Relaxed) {
            return None;
        }
        Consent::of(sender, self.agreed.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a delivery of the sender that consents.
    pub fn delivery(&self, consent: &Consent<'_, Volume>, subscription: SubscriptionId, cell: VolumeCell) {
        let least = self.least.load(Ordering::Relaxed);
        self.recorded().volume.entry(consent.sender()).or_default().add(cell, subscription, least);
    }

    /// Notes the software of the sender that consents.
    pub fn software(&self, consent: &Consent<'_, ServerSoftware>, software: Software, day: Day) {
        let mut recorded = self.recorded();
        let seen = recorded.software.get(&consent.sender());
        if seen.is_none_or(|seen| seen.software != software || seen.day != day) {
            recorded.software.insert(consent.sender(), Seen { software, day, is_written: false });
        }
    }

    /// Counts those of `ended` whose senders consent.
    pub fn deliveries(&self, ended: &[EndedDelivery]) {
        for one in ended {
            if let Some(consent) = self.consent::<Volume>(one.sender) {
                self.delivery(&consent, one.subscription, one.cell);
            }
        }
    }

    /// From now on a count is written when so many devices are behind it.
    pub fn set_least_devices(&self, least: u32) {
        self.least.store(least.max(1), Ordering::Relaxed);
    }

    /// How many devices are behind a count at least.
    #[must_use]
    pub fn least_devices(&self) -> u32 {
        self.least.load(Ordering::Relaxed)
    }

    /// The store says that `sender` shares `categories` and nothing else: of others nothing is kept.
    pub(super) fn agree(&self, sender: SenderId, categories: Categories) {
        let mut agreed = self.agreed();
        if categories.is_empty() {
            agreed.remove(&sender);
        } else {
            agreed.insert(sender, categories);
        }
        self.anybody.store(!agreed.is_empty(), Ordering::Relaxed);
        let mut recorded = self.recorded();
        if !categories.contains(Category::Volume) {
            recorded.volume.remove(&sender);
        }
        if !categories.contains(Category::Software) {
            recorded.software.remove(&sender);
        }
        if !categories.contains(Category::Devices) {
            recorded.devices.remove(&sender);
        }
    }

    /// What was recorded of `sender` is forgotten; what it shares is recorded on.
    pub(super) fn forget(&self, sender: SenderId) {
        // Nobody records meanwhile.
        let _agreed = self.agreed();
        let mut recorded = self.recorded();
        recorded.volume.remove(&sender);
        recorded.software.remove(&sender);
    }

    /// Nobody shares anything any more.
    pub(super) fn forget_all(&self) {
        let mut agreed = self.agreed();
        agreed.clear();
        self.anybody.store(false, Ordering::Relaxed);
        *self.recorded() = Recordings::default();
    }

    /// What is to be written on `today`. It stays here until it is.
    pub(super) fn unwritten(&self, today: Day) -> Unwritten {
        let agreed = self.agreed.read().unwrap_or_else(PoisonError::into_inner);
        let recorded = self.recorded();
        let volume = recorded
            .volume
            .iter()
            .flat_map(|(sender, counts)| counts.pending().map(move |pending| (*sender, pending)));
        let software = recorded.software.iter().filter(|(_, seen)| !seen.is_written);
        let counted = |sender: &SenderId| recorded.devices.get(sender).is_some_and(|day| *day == today);
        let devices = agreed
            .iter()
            .filter(|(sender, categories)| categories.contains(Category::Devices) && !counted(sender));
        Unwritten {
            volume: volume.collect(),
            software: software.map(|(sender, seen)| (*sender, seen.software.clone(), seen.day)).collect(),
            devices: devices.map(|(sender, _)| *sender).collect(),
        }
    }

    /// This is written, and these cells with it.
    pub(super) fn written(&self, unwritten: &Unwritten, cells: &[(SenderId, Pending)], today: Day) {
        let mut recorded = self.recorded();
        for (sender, pending) in cells {
            if let Some(counts) = recorded.volume.get_mut(sender) {
                counts.written(pending.cell, pending.deliveries);
            }
        }
        for (sender, software, day) in &unwritten.software {
            if let Some(seen) = recorded.software.get_mut(sender) {
                seen.is_written |= seen.software == *software && seen.day == *day;
            }
        }
        for sender in &unwritten.devices {
            recorded.devices.insert(*sender, today);
        }
    }

    /// Days before `day` are over: what of them was not written is dropped.
    pub(super) fn end_days_before(&self, day: Day) {
        let mut recorded = self.recorded();
        recorded.volume.retain(|_, counts| {
            counts.end_days_before(day);
            !counts.is_empty()
        });
    }

    fn agreed(&self) -> RwLockWriteGuard<'_, Agreed> {
        self.agreed.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn recorded(&self) -> MutexGuard<'_, Recordings> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SubscriptionId;

    const SENDER: SenderId = SenderId::from_bytes([1; 16]);
    const OTHER: SenderId = SenderId::from_bytes([2; 16]);
    const TODAY: Day = Day(20_000);

    fn ended(sender: SenderId) -> Vec<EndedDelivery> {
        let cell = VolumeCell { day: TODAY, push_service: PushService::Fcm, outcome: "accepted" };
        let devices = (0..5).map(|number| SubscriptionId::from_bytes([number; 16]));
        devices.map(|subscription| EndedDelivery { sender, subscription, cell }).collect()
    }

    fn shares(categories: &[Category]) -> UsageRecorder {
        let recorder = UsageRecorder::default();
        recorder.agree(SENDER, categories.iter().copied().collect());
        recorder
    }

    #[test]
    fn of_a_sender_that_shares_nothing_nothing_is_recorded() {
        let recorder = shares(&[Category::Volume]);
        recorder.deliveries(&ended(OTHER));
        assert!(recorder.consent::<Volume>(OTHER).is_none() && recorder.unwritten(TODAY).volume.is_empty());
        assert!(recorder.recorded().volume.is_empty());
    }

    #[test]
    fn consent_to_one_category_is_none_to_another() {
        let recorder = shares(&[Category::Software, Category::Devices, Category::Contact]);
        assert!(recorder.consent::<Volume>(SENDER).is_none());
        assert!(recorder.consent::<ServerSoftware>(SENDER).is_some());
    }

    #[test]
    fn what_is_switched_off_is_forgotten_at_once_and_the_rest_is_not() {
        let recorder = shares(&[Category::Volume, Category::Software]);
        recorder.deliveries(&ended(SENDER));
        let software = Software::of("examplechat/4.2").unwrap();
        recorder.software(&recorder.consent(SENDER).unwrap(), software, TODAY);

        recorder.agree(SENDER, [Category::Software].into_iter().collect());

        let left = recorder.unwritten(TODAY);
        assert_eq!((left.volume.len(), left.software.len()), (0, 1));
        recorder.forget_all();
        assert!(recorder.consent::<ServerSoftware>(SENDER).is_none());
        assert!(recorder.unwritten(TODAY).software.is_empty());
    }

    #[test]
    fn what_could_not_be_written_is_written_later_and_what_was_is_not_written_twice() {
        let recorder = shares(&[Category::Volume, Category::Devices]);
        recorder.deliveries(&ended(SENDER));
        let first = recorder.unwritten(TODAY);
        assert_eq!((first.volume.len(), first.devices.len()), (1, 1));
        assert_eq!(recorder.unwritten(TODAY).volume, first.volume);

        recorder.deliveries(&ended(SENDER));
        recorder.written(&first, &first.volume, TODAY);

        let second = recorder.unwritten(TODAY);
        assert_eq!((second.volume[0].1.deliveries, second.devices.len()), (5, 0));
        assert_eq!(recorder.unwritten(Day(TODAY.0 + 1)).devices, [SENDER]);
    }
}
