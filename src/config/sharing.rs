//! `[sharing]`: whether senders may share usage, and what is kept of it. `sharing = "locked_off"` is short for its `mode`.

use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::ConfigError;
use super::source::Source;
use crate::model::SharingMode;

/// Fewer would tell of single devices; more than this, and a community never shows.
const LEAST_DEVICES: std::ops::RangeInclusive<u32> = 5..=1000;
const KEEP_DAYS: std::ops::RangeInclusive<u16> = 1..=400;

/// What the operator decides of sharing. Nothing here switches any of it on: that is up to each sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// Whether it is offered.
    pub mode: SharingMode,
    /// How many devices must be behind a count for it to be written, 5 or more.
    pub least_devices: u32,
    /// For how many days figures are kept.
    pub keep_days: u16,
}

impl Sharing {
    /// For how long figures are kept.
    #[must_use]
    pub fn keep(&self) -> Duration {
        Duration::from_hours(u64::from(self.keep_days) * 24)
    }
}

/// `[sharing]` as written.
#[derive(Debug, Default)]
pub(super) struct SharingText(Table);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    mode: SharingMode,
    least_devices: u32,
    keep_days: u16,
}

impl Default for Table {
    fn default() -> Self {
        Self { mode: SharingMode::default(), least_devices: *LEAST_DEVICES.start(), keep_days: 90 }
    }
}

impl<'de> Deserialize<'de> for SharingText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrTable)
    }
}

/// Reads a word as a table that says nothing else.
struct WordOrTable;

impl<'de> Visitor<'de> for WordOrTable {
    type Value = SharingText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"offered\", \"locked_off\", or a table with `mode`, `least_devices` and `keep_days`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<SharingText, E> {
        let modes = [SharingMode::Offered, SharingMode::LockedOff];
        let mode = modes.into_iter().find(|mode| mode.as_str() == word);
        let mode = mode.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(word), &self))?;
        Ok(SharingText(Table { mode, ..Table::default() }))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<SharingText, M::Error> {
        Table::deserialize(MapAccessDeserializer::new(map)).map(SharingText)
    }
}

impl SharingText {
    /// Checks the ranges.
    pub(super) fn check(&self, source: &Source<'_>) -> Result<Sharing, ConfigError> {
        let Self(Table { mode, least_devices, keep_days }) = *self;
        let within = |key: &str, fits: bool, range: String| {
            if fits { Ok(()) } else { Err(source.refuse(key, format!("must be {range}"))) }
        };
        let (least, most) = (LEAST_DEVICES.start(), LEAST_DEVICES.end());
        within(
            "sharing.least_devices",
            LEAST_DEVICES.contains(&least_devices),
            format!("{least} to {most}"),
        )?;
        let (least, most) = (KEEP_DAYS.start(), KEEP_DAYS.end());
        within("sharing.keep_days", KEEP_DAYS.contains(&keep_days), format!("{least} to {most}"))?;
        Ok(Sharing { mode, least_devices, keep_days })
    }
}
