//! The document as lines for a terminal: what many entries have in common is said once above them.

use std::io;

use super::super::terminal::Terminal;
use crate::api::PrivacyDocument;
use crate::privacy::inventory::{Row, Table, chapters};

/// The widest name that moves what stands behind it to the right.
const WIDEST: usize = 24;

/// Prints all of it.
pub(super) fn print(document: &PrivacyDocument, terminal: &mut Terminal) -> io::Result<()> {
    terminal.heading(format_args!("Sealpush {} · {}", document.version, document.name))?;
    settings(document, terminal)?;
    terminal.line("")?;
    terminal.heading("What is not hidden")?;
    for one in &document.not_hidden {
        terminal.line(format_args!("  {}: {}", one.from, one.what))?;
    }
    for chapter in chapters() {
        terminal.line("")?;
        terminal.heading(format_args!("{} ({})", chapter.kind.title(), chapter.len()))?;
        terminal.line(format_args!("  {}", chapter.kind.sentence()))?;
        for table in &chapter.tables {
            print_table(table, terminal)?;
        }
    }
    Ok(())
}

fn settings(document: &PrivacyDocument, terminal: &mut Terminal) -> io::Result<()> {
    let settings = &document.settings;
    let kept = |what: &str| format!("kept: {what}");
    let width = settings.retention.iter().map(|term| kept(term.what).len()).max().unwrap_or_default();
    let mut row = |name: &str, value: &str| terminal.line(format_args!("  {name:<width$}  {value}"));
    let on = |on: bool| if on { "on" } else { "off" };
    row("operator", &document.contact)?;
    row("content policy", settings.content_policy)?;
    row("who may become a sender", settings.admission.as_str())?;
    row("access log (never names who asked)", on(settings.access_log))?;
    row("sharing of usage", settings.sharing)?;
    row("sealed registrations", on(settings.sealed_registrations))?;
    row("proxy on the way out", on(settings.egress_proxy))?;
    row("certificate ordered of an authority", on(settings.certificate_authority))?;
    for term in &settings.retention {
        let by = term.setting.map(|setting| format!(" ({setting})")).unwrap_or_default();
        row(&kept(term.what), &format!("{}{by}", term.kept))?;
    }
    for app in &settings.apps {
        let clear = if app.clear_allowed { "content may be readable" } else { "content never readable" };
        let services = app.push_services.join(" and ");
        row(&format!("app {}", app.app), &format!("{services}; {clear}; confirm {}", app.confirm))?;
    }
    Ok(())
}

fn print_table(table: &Table, terminal: &mut Terminal) -> io::Result<()> {
    terminal.line("")?;
    terminal.heading(format_args!("  {}", table.place))?;
    for (name, value) in &table.usual {
        terminal.line(format_args!("    {name}: {value}"))?;
    }
    let width = table.rows.iter().map(|row| row.entry.name.len()).max().unwrap_or_default().min(WIDEST);
    table.rows.iter().try_for_each(|row| print_row(row, width, terminal))
}

fn print_row(row: &Row, width: usize, terminal: &mut Terminal) -> io::Result<()> {
    let Row { entry, read_by, otherwise } = row;
    let stored = entry.stored.map(|stored| format!("{}; ", stored.words())).unwrap_or_default();
    terminal.line(format_args!(
        "    {:<width$}  {}: {} [{stored}read by {read_by}]",
        entry.name, entry.what, entry.purpose
    ))?;
    otherwise
        .iter()
        .try_for_each(|(name, value)| terminal.line(format_args!("    {:<width$}    {name}: {value}", "")))
}
