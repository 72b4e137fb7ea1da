//! The receipt of an erasure, for people.

use super::printable::printable;
use super::terminal::Terminal;
use crate::api::ReceiptDocument;

/// Prints it: as one JSON document, or in words.
pub(super) fn print(terminal: &mut Terminal, receipt: &ReceiptDocument, json: bool) -> anyhow::Result<()> {
    if json {
        return terminal.json(receipt);
    }
    let ReceiptDocument { erased, id, at, rows, audit_entry } = receipt;
    let (erased, id, at) = (printable(erased), printable(id), printable(at));
    terminal.line(format_args!("{erased} {id} was erased at {at}, with these rows:"))?;
    for (table, count) in rows {
        terminal.line(format_args!("  {count:>9}  {}", printable(table)))?;
    }
    if let Some(entry) = audit_entry {
        terminal.line(format_args!("entry in the audit log: {}", printable(entry)))?;
    }
    Ok(())
}
