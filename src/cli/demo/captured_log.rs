//! The relay's log of this process, kept in memory instead of printed.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use crate::config::{LogFormat, LogLevel, Logs};
use crate::telemetry::subscriber;

/// Everything that the relay logged so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Takes this process's log, at its most talkative and through the relay's own rules.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let log = Self::default();
        let logs = Logs { format: LogFormat::Human, level: LogLevel::Trace, access: true };
        tracing::subscriber::set_global_default(subscriber(logs, log.clone(), false))?;
        // A relay that does its work has little to say; this line shows that what it says is heard.
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "the demo begins");
        Ok(log)
    }

    /// What is there.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl io::Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for CapturedLog {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
