//! How much may be sent how fast.
//!
//! Owns the buckets of devices and projects, and the figures that the vendors publish. Which answer an empty
//! bucket leads to is `exchange`'s for APNs and `fcm::judge`'s for FCM.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Limits of FCM ("Throttling and quotas"); `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FcmQuotas {
    /// Requests of one project in a minute, refused ones included.
    pub project_per_minute: Option<u32>,
    /// Messages to one device in a minute.
    pub device_per_minute: Option<u32>,
    /// Messages to one device in an hour.
    pub device_per_hour: Option<u32>,
    /// Messages with a collapse key to one device: so many at once, and one more every three minutes.
    pub collapsible_burst: Option<u32>,
}

impl FcmQuotas {
    /// What Google publishes: 600,000 a minute and project; 240 a minute, 5,000 an hour and 20 collapsible ones
    /// at once for a device.
    #[must_use]
    pub fn published() -> Self {
        Self {
            project_per_minute: Some(600_000),
            device_per_minute: Some(240),
            device_per_hour: Some(5_000),
            collapsible_burst: Some(20),
        }
    }
}

/// What a bucket is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Measure {
    ProjectMinute,
    DeviceMinute,
    DeviceHour,
    DeviceCollapsible,
}

impl Measure {
    /// Milliseconds in which an empty bucket of this size is full again.
    fn period_ms(self, size: u32) -> u64 {
        match self {
            Self::ProjectMinute | Self::DeviceMinute => 60_000,
            Self::DeviceHour => 3_600_000,
            // "Throttling and quotas": one more every three minutes.
            Self::DeviceCollapsible => 180_000 * u64::from(size),
        }
    }
}

/// The buckets of one simulator: by measure, and by the device token or project that they are about.
#[derive(Debug, Default)]
pub(crate) struct Quotas(Mutex<HashMap<(Measure, String), Bucket>>);

/// What is left, and as of when. One message is as many units as its measure's period has milliseconds, so that
/// each millisecond gives back `size` units and nothing is lost by rounding.
#[derive(Debug)]
struct Bucket {
    left: u64,
    as_of_ms: u64,
}

impl Quotas {
    /// Takes one message out of a bucket of this size; says whether there was one. No size is no limit.
    pub(crate) fn take(&self, measure: Measure, of: &str, size: Option<u32>, now_ms: u64) -> bool {
        let Some(size) = size else { return true };
        let (size, message) = (u64::from(size), measure.period_ms(size));
        let full = size * message;
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry((measure, of.to_owned()));
        let bucket = bucket.or_insert(Bucket { left: full, as_of_ms: now_ms });
        let passed = now_ms.saturating_sub(bucket.as_of_ms);
        bucket.left = full.min(bucket.left.saturating_add(size.saturating_mul(passed)));
        bucket.as_of_ms = now_ms;
        let is_there = bucket.left >= message;
        if is_there {
            bucket.left -= message;
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(quotas: &Quotas, times: usize, now_ms: u64) -> usize {
        let take = || quotas.take(Measure::DeviceMinute, "d", Some(4), now_ms);
        (0..times).filter(|_| take()).count()
    }

    #[test]
    fn a_bucket_holds_its_size_and_fills_again_in_its_period() {
        let quotas = Quotas::default();
        assert_eq!(takes(&quotas, 9, 0), 4);
        assert_eq!(takes(&quotas, 9, 15_000), 1);
        assert_eq!(takes(&quotas, 9, 10_000_000), 4);
    }

    #[test]
    fn collapsible_messages_come_back_one_in_three_minutes() {
        let quotas = Quotas::default();
        let take = |now_ms| quotas.take(Measure::DeviceCollapsible, "d", Some(2), now_ms);
        assert_eq!(
            [take(0), take(0), take(179_000), take(180_000), take(180_000)],
            [true, true, false, true, false]
        );
    }

    #[test]
    fn each_device_has_its_own_bucket_and_no_size_is_no_limit() {
        let quotas = Quotas::default();
        assert!(quotas.take(Measure::DeviceHour, "a", Some(1), 0));
        assert!(!quotas.take(Measure::DeviceHour, "a", Some(1), 0));
        assert!(quotas.take(Measure::DeviceHour, "b", Some(1), 0));
        assert!(quotas.take(Measure::DeviceHour, "a", None, 0));
    }
}
