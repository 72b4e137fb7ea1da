//! `[admission]`: who may become a sender.

use std::time::Duration;

use serde::Deserialize;

use crate::model::AdmissionMode;

/// Who may become a sender, besides those that the operator adds by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admission {
    /// With an invite, or whoever asks.
    pub mode: AdmissionMode,
    /// Senders that joined openly are erased after so many days without subscription and use; 0: never.
    pub unused_days: u16,
}

impl Default for Admission {
    fn default() -> Self {
        Self { mode: AdmissionMode::default(), unused_days: 90 }
    }
}

impl Admission {
    /// After which time without use a sender that joined openly is erased, if ever.
    #[must_use]
    pub fn unused(&self) -> Option<Duration> {
        (self.unused_days > 0).then(|| Duration::from_hours(u64::from(self.unused_days) * 24))
    }
}
