//! How a value stands in a line for people: on one line, whatever it contains.

use std::fmt::{self, Write};

use tracing::field::Field;
use tracing_subscriber::fmt::format::Writer;

/// Writes `field=value`, or the bare sentence. Line ends and escape sequences of terminals are escaped, so
/// that no value can begin a line of its own or recolour the log.
pub(super) fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    if field.name() != "message" {
        write!(writer, "{}=", field.name())?;
    }
    write!(Escaped(writer), "{value:?}")
}

struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            match part.char_indices().next_back().filter(|(_, last)| last.is_control()) {
                Some((at, last)) => write!(self.0, "{}{}", &part[..at], last.escape_default())?,
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}
