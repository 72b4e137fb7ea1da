//! The signals that ask a program to stop, or to read its config again.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Linux, macOS and the BSDs: a write that would make a file larger than the process may.
const FILE_SIZE_EXCEEDED: i32 = 25;

/// Keeps a limit on the size of files from ending the process: the write fails then, like one to a full disk.
pub(super) fn outlive_file_size_limits() -> std::io::Result<()> {
    // The handler stays when the stream is dropped.
    signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED)).map(drop)
}

/// The signals that ask to stop.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on: what came before had its usual effect.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The name of the next one.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// The signal that asks to read the config again.
pub(super) struct Reloads(Signal);

impl Reloads {
    /// Listens from now on: before, SIGHUP ends the process.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self(signal(SignalKind::hangup())?))
    }

    /// Returns when it is asked again.
    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}
