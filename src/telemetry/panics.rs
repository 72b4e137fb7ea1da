//! Panics in the log: where, and never what.
//!
//! The words of a panic can quote the value that caused it, and that can be anything. Its place in our source is all
//! that a bug report needs.

use std::panic::{PanicHookInfo, set_hook};

/// From now on, panics of this process are log lines.
pub(super) fn log_panics() {
    set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(|| "a place that is not known".to_owned(), ToString::to_string);
    tracing::error!("a bug: panic at {place}");
}
