//! Sets the log up.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;

use tracing::Subscriber;
use tracing::dispatcher::SetGlobalDefaultError;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::{MakeWriter, format as fields, layer};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;

use super::log_format::write_field;
use super::log_rules::LogRules;
use super::panics::log_panics;
use crate::config::{LogFormat, LogLevel, Logs};

/// The log was set up already, by this process.
#[derive(Debug, thiserror::Error)]
#[error("the log is set up already")]
pub struct LoggingError(#[from] SetGlobalDefaultError);

/// The rules of the process's log, once it was set up.
static RULES: OnceLock<LogRules> = OnceLock::new();

/// Sends the events of this process to standard error, and panics as events without their words. Once per process.
pub fn start_logging(logs: Logs) -> Result<(), LoggingError> {
    let rules = LogRules::at(logs.level);
    let color = stderr().is_terminal();
    tracing::subscriber::set_global_default(subscriber_by(rules.clone(), logs.format, stderr, color))?;
    let _ = RULES.set(rules);
    log_panics();
    Ok(())
}

/// Changes how much this process writes, where [`start_logging`] has set its log up.
pub fn set_log_level(level: LogLevel) {
    if let Some(rules) = RULES.get() {
        rules.set(level);
    }
}

/// What takes events and writes the lines that may be written to `writer`; `color` is for terminals.
pub fn subscriber<W>(logs: Logs, writer: W, color: bool) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    subscriber_by(LogRules::at(logs.level), logs.format, writer, color)
}

fn subscriber_by<W>(
    rules: LogRules,
    format: LogFormat,
    writer: W,
    color: bool,
) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter_fn(move |event| rules.allow(event));
    let lines = match format {
        LogFormat::Human => layer()
            .with_writer(writer)
            .with_ansi(color)
            .with_target(false)
            .fmt_fields(fields::debug_fn(write_field).delimited(" "))
            .boxed(),
        LogFormat::Json => layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(writer)
            .boxed(),
    };
    registry().with(lines.with_filter(filter))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing::{debug, info, trace};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, level: LogLevel, events: impl FnOnce()) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber = subscriber(Logs { format, level, access: false }, move || writer.clone(), false);
        tracing::subscriber::with_default(subscriber, events);
        let bytes = captured.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_event_of_ours_is_written() {
        let line =
            written(LogFormat::Human, LogLevel::Info, || info!(route = "relay", count = 3, "answered"));
        assert!(line.contains(" INFO answered route=\"relay\" count=3\n"), "{line}");
    }

    #[test]
    fn an_event_of_ours_is_one_json_object() {
        let line = written(LogFormat::Json, LogLevel::Info, || info!(route = "relay", "answered\nfaked"));
        let object: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&object["level"], &object["route"]), (&"INFO".into(), &"relay".into()));
        assert_eq!(object["message"], "answered\nfaked");
    }

    #[test]
    fn events_of_dependencies_never_come_out() {
        for format in [LogFormat::Human, LogFormat::Json] {
            let lines = written(format, LogLevel::Trace, || {
                trace!(target: "h2::codec::framed_write", "path: /3/device/740f4707");
                info!(target: "hyper", "740f4707");
                info!(target: "sealpushy", "740f4707");
                info!(target: "sealpush_seal", "740f4707");
            });
            assert_eq!(lines, "");
        }
    }

    #[test]
    fn an_event_with_a_field_outside_the_list_is_dropped_whole() {
        let lines = written(LogFormat::Human, LogLevel::Trace, || {
            info!(device_token = "740f4707", "registered");
            info!(route = "relay", body = "canary", "answered");
        });
        assert_eq!(lines, "");
    }

    #[test]
    fn a_span_with_a_field_outside_the_list_shows_nothing_of_it() {
        let line = written(LogFormat::Human, LogLevel::Trace, || {
            let span = tracing::info_span!("request", route = "relay");
            let secret = tracing::info_span!("request", token = "740f4707");
            let _entered = (span.enter(), secret.enter());
            info!("answered");
        });
        assert!(line.contains("route=\"relay\"") && !line.contains("740f"), "{line}");
    }

    #[test]
    fn what_is_less_important_than_the_level_is_not_written() {
        let lines = written(LogFormat::Human, LogLevel::Info, || debug!("a step"));
        assert_eq!(lines, "");
    }

    #[test]
    fn the_level_can_change_while_the_log_is_written() {
        let captured = Captured::default();
        let writer = captured.clone();
        let rules = LogRules::at(LogLevel::Info);
        let subscriber = subscriber_by(rules.clone(), LogFormat::Human, move || writer.clone(), false);
        let step = |number| debug!(count = number, "a step");
        tracing::subscriber::with_default(subscriber, || {
            step(1);
            rules.set(LogLevel::Debug);
            step(2);
            rules.set(LogLevel::Info);
            step(3);
        });
        let lines = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        assert!(lines.contains("count=2") && lines.lines().count() == 1, "{lines}");
    }

    #[test]
    fn a_value_cannot_begin_a_line_or_recolour_the_terminal() {
        let evil = "x\n2026-01-01 INFO faked \u{1b}[31m";
        let line = written(LogFormat::Human, LogLevel::Info, || info!(reason = %evil, "refused {evil}"));
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}
