//! Which events are written at all.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;

use super::LogField;
use crate::config::LogLevel;

/// The crate whose events are written. HTTP libraries log request paths and headers at level trace, and a
/// path to APNs ends in a device token.
const OURS: &str = "sealpush";

/// Lets pass what is ours, is important enough, and has fields of the closed list only. All of it is known
/// from the place of the call, before any value is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogRules {
    level: LevelFilter,
}

impl LogRules {
    /// The rules at this level.
    pub(super) fn at(level: LogLevel) -> Self {
        let level = match level {
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        };
        Self { level }
    }

    /// Whether events of this place are written.
    pub(super) fn allow(self, event: &Metadata<'_>) -> bool {
        let module = event.target();
        let ours = module.strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        ours && *event.level() <= self.level
            && event.fields().iter().all(|field| LogField::from_name(field.name()).is_some())
    }
}
