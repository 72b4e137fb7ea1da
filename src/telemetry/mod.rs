//! What the relay says of itself: its log and its metrics.
//!
//! Owns two closed lists: the fields that a log line may have ([`LogField`]) and the metrics with their
//! labels ([`Metrics`]). Labels are closed enums, never ids; a log line that has another field, or comes
//! from a dependency, is dropped. Must not decide anything. Read next: [`crate::storage`].

mod attempt_class;
mod dashboard;
mod labels;
mod log_field;
mod log_format;
mod log_rules;
mod logging;
mod metric_list;
mod metrics;
mod panics;
mod route;

pub use attempt_class::AttemptClass;
pub use dashboard::{ROWS, dashboard};
pub use log_field::LogField;
pub use logging::{LoggingError, set_log_level, start_logging, subscriber};
pub use metric_list::{METRICS, MetricDescription, MetricKind};
pub use metrics::{Metrics, PushServiceLoad};
pub use route::Route;
