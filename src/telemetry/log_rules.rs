//! Which events are written at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::Metadata;
use tracing::level_filters::LevelFilter;

use super::LogField;
use crate::config::LogLevel;

/// The crate whose events are written. HTTP libraries log request paths and headers at level trace, and a
/// path to APNs ends in a device token.
const OURS: &str = "sealpush";

/// Lets pass what is ours, is important enough, and has fields of the closed list only. All of it is known
/// from the place of the call, before any value is looked at.
#[derive(Debug, Clone)]
pub(super) struct LogRules {
    /// The place of the level in [`LEVELS`], which a reload may change.
    level: Arc<AtomicUsize>,
}

const LEVELS: [LevelFilter; 5] =
    [LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::INFO, LevelFilter::DEBUG, LevelFilter::TRACE];

fn place_of(level: LogLevel) -> usize {
    match level {
        LogLevel::Error => 0,
        LogLevel::Warn => 1,
        LogLevel::Info => 2,
        LogLevel::Debug => 3,
        LogLevel::Trace => 4,
    }
}

impl LogRules {
    /// The rules at this level.
    pub(super) fn at(level: LogLevel) -> Self {
        Self { level: Arc::new(AtomicUsize::new(place_of(level))) }
    }

    /// Writes what is as important as `level` from now on.
    pub(super) fn set(&self, level: LogLevel) {
        self.level.store(place_of(level), Ordering::Relaxed);
        // Each place of a call remembers whether it is written.
        tracing::callsite::rebuild_interest_cache();
    }

    /// Whether events of this place are written.
    pub(super) fn allow(&self, event: &Metadata<'_>) -> bool {
        let module = event.target();
        let ours = module.strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        ours && *event.level() <= LEVELS[self.level.load(Ordering::Relaxed)]
            && event.fields().iter().all(|field| LogField::from_name(field.name()).is_some())
    }
}
