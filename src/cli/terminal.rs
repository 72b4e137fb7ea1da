//! What is printed: data to standard output, everything about it to standard error.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// What went wrong.
const BAD: Style = AnsiColor::Red.on_default().bold();
/// What deserves a look.
const NOTE: Style = AnsiColor::Yellow.on_default().bold();
/// What names a thing.
const HEADING: Style = Style::new().bold();

/// The two streams of a command. Colours come out on terminals only, and not where `NO_COLOR` is set.
pub(crate) struct Terminal {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
}

impl Terminal {
    /// Standard output and standard error.
    pub(crate) fn new() -> Self {
        Self { out: AutoStream::auto(io::stdout()), err: AutoStream::auto(io::stderr()) }
    }

    /// One line of data.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Text of several lines, as it is.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// A line that names what follows.
    pub(crate) fn heading(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{HEADING}{text}{HEADING:#}")
    }

    /// One value as JSON, for programs.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        Ok(writeln!(self.out)?)
    }

    /// Something about the data that is not data.
    pub(crate) fn note(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.err, "{NOTE}note:{NOTE:#} {text}")
    }

    /// Several lines about the data that are not data.
    pub(crate) fn aside(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.err, "{text}")
    }

    /// Says why a command failed, with every cause, and how it exits.
    pub(crate) fn failed(&mut self, error: &anyhow::Error) -> ExitCode {
        // Whoever closed the pipe (`| head`) has what they wanted.
        let closed = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
        if closed.into_iter().any(|cause| cause.kind() == io::ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        // Where standard error is gone too, the exit code must do.
        let _ = writeln!(self.err, "{BAD}error:{BAD:#} {error:#}");
        ExitCode::FAILURE
    }
}
