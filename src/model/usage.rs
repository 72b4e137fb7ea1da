//! What is recorded of a sender because its administrator shares it, and nothing else is.

use super::{Category, ContactAddress, PushService, Software};
use crate::base::{Day, UnixMillis};

/// That a sender's administrator agreed to share a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// What is shared.
    pub category: Category,
    /// The version of the wording that was agreed to.
    pub wording: u32,
    /// When.
    pub agreed_at: UnixMillis,
    /// Of `contact`, the address.
    pub address: Option<ContactAddress>,
}

impl Agreement {
    /// Whether it is about the words of today: what was agreed under other words records nothing any more.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.wording == self.category.wording().version
    }
}

/// A category that an administrator wants to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedCategory {
    /// Which.
    pub category: Category,
    /// The version of the wording that is agreed to.
    pub wording: u32,
    /// Of `contact`, the address.
    pub address: Option<ContactAddress>,
}

/// What deliveries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VolumeCell {
    /// The day on which they ended.
    pub day: Day,
    /// Where they went.
    pub push_service: PushService,
    /// How they ended: one of [`super::Outcome::NAMES`].
    pub outcome: &'static str,
}

/// All that is stored of one sender because of sharing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageRecords {
    /// How many deliveries ended, in the order of their cells.
    pub volume: Vec<(VolumeCell, u64)>,
    /// How many subscriptions were in use on a day, rounded down.
    pub devices: Vec<(Day, u64)>,
    /// The software, and the day on which it was last named.
    pub software: Option<(Software, Day)>,
    /// The address for incidents.
    pub contact: Option<ContactAddress>,
}

impl UsageRecords {
    /// What the operator is shown: of days that are over. Who asks again and again while a count grows would see each
    /// delivery by itself.
    #[must_use]
    pub fn before(mut self, today: Day) -> Self {
        self.volume.retain(|(cell, _)| cell.day < today);
        self.devices.retain(|(day, _)| *day < today);
        self
    }
}
