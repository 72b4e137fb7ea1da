//! What is printed: data to standard output, everything about it to standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// What went wrong.
const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is as it should be.
const GOOD: Style = AnsiColor::Green.on_default();
/// What does not matter now.
const FAINT: Style = Style::new().dimmed();
/// Back to the beginning of the line, and nothing behind it (ECMA-48: CR, EL).
const WIPE: &str = "\r\x1b[K";
/// What deserves a look.
const NOTE: Style = AnsiColor::Yellow.on_default().bold();
/// What names a thing.
const HEADING: Style = Style::new().bold();

/// The two streams of a command. Colours come out on terminals only, and not where `NO_COLOR` is set.
pub(crate) struct Terminal {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    /// Whether a line says what is being waited for.
    busy: bool,
}

/// How a thing is, as a mark before its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// As it should be.
    Good,
    /// It deserves a look.
    Note,
    /// It is wrong.
    Bad,
    /// Nobody looked.
    None,
}

impl Terminal {
    /// Standard output and standard error.
    pub(crate) fn new() -> Self {
        Self { out: AutoStream::auto(io::stdout()), err: AutoStream::auto(io::stderr()), busy: false }
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

    /// One line of data with a mark that says how it is.
    pub(crate) fn marked(&mut self, mark: Mark, text: impl Display) -> io::Result<()> {
        self.rest()?;
        let (style, mark) = match mark {
            Mark::Good => (GOOD, '✓'),
            Mark::Note => (NOTE, '!'),
            Mark::Bad => (BAD, '✗'),
            Mark::None => (FAINT, '-'),
        };
        writeln!(self.out, "{style}{mark}{style:#} {text}")
    }

    /// Says what is being waited for, on a terminal only, until the next line.
    pub(crate) fn busy(&mut self, text: impl Display) -> io::Result<()> {
        if !io::stderr().is_terminal() {
            return Ok(());
        }
        self.rest()?;
        self.busy = true;
        write!(io::stderr(), "{text} …")?;
        io::stderr().flush()
    }

    /// Nothing is being waited for.
    pub(crate) fn rest(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.busy) {
            write!(io::stderr(), "{WIPE}")?;
        }
        Ok(())
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
