//! `[outcomes]`: how long the relay remembers how deliveries ended.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::source::Source;

/// The longest: what a sender may repeat, it repeats within the longest TTL.
const MOST_HOURS: u64 = 28 * 24;

/// How long outcomes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcomes {
    /// For this long after acceptance. Zero: not at all, and then a repeated id is a new notification.
    pub keep: Duration,
}

/// `[outcomes]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OutcomesText {
    /// Hours.
    pub(super) keep_hours: u64,
}

impl Default for OutcomesText {
    fn default() -> Self {
        Self { keep_hours: 24 }
    }
}

impl OutcomesText {
    /// Checks the range.
    pub(super) fn check(&self, source: &Source<'_>) -> Result<Outcomes, ConfigError> {
        if self.keep_hours > MOST_HOURS {
            return Err(source.refuse(
                "outcomes.keep_hours",
                format!("must be 0 to {MOST_HOURS} (28 days, the longest TTL)"),
            ));
        }
        Ok(Outcomes { keep: Duration::from_secs(self.keep_hours * 3600) })
    }
}
