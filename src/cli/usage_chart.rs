//! What a sender shares, drawn on the terminal.

use super::printable::printable;
use super::terminal::Terminal;
use crate::api::UsageDocument;

/// The longest bar.
const WIDTH: u64 = 40;

/// Prints `usage` as JSON, as CSV, or as a chart.
pub(super) fn print(
    terminal: &mut Terminal,
    usage: &UsageDocument,
    json: bool,
    csv: bool,
) -> anyhow::Result<()> {
    if json {
        return terminal.json(usage);
    }
    if csv {
        return Ok(terminal.text(&usage.to_csv())?);
    }
    if usage.is_empty() {
        return Ok(terminal.line("Nothing is shared, or there are no figures yet.")?);
    }
    Ok(lines(usage).iter().try_for_each(|line| terminal.line(line))?)
}

/// The chart, line by line. A bar is of the counts beside it and of nothing else: what is withheld is in no sum.
fn lines(usage: &UsageDocument) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(software) = &usage.software {
        let version = software.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        lines.push(format!("software  {}{} ({})", software.name, version, software.day));
    }
    if let Some(address) = &usage.contact {
        lines.push(format!("contact   {address}"));
    }
    let mut bars: Vec<(String, u64, String)> = Vec::new();
    for one in &usage.volume {
        let label = format!("{}  {:4}", one.day, one.push_service.as_str());
        let count = format!("{} {}", one.deliveries, one.outcome);
        match bars.last_mut().filter(|(last, ..)| *last == label) {
            Some((_, sum, counts)) => {
                *sum = sum.saturating_add(one.deliveries);
                *counts = format!("{counts}, {count}");
            }
            None => bars.push((label, one.deliveries, count)),
        }
    }
    draw(&mut lines, "volume    deliveries that ended, by day and push service", &bars);
    let bars: Vec<_> = usage
        .devices
        .iter()
        .map(|one| (one.day.clone(), one.subscriptions, one.subscriptions.to_string()))
        .collect();
    draw(&mut lines, "devices   subscriptions in use, by day", &bars);
    lines.iter().map(|line| printable(line)).collect()
}

fn draw(lines: &mut Vec<String>, title: &str, bars: &[(String, u64, String)]) {
    let most = bars.iter().map(|(_, sum, _)| *sum).max().unwrap_or(0).max(1);
    if !bars.is_empty() {
        lines.push(title.to_owned());
    }
    for (label, sum, text) in bars {
        // In 128 bits, so that no relay's answer overflows it.
        let length = u128::from(*sum) * u128::from(WIDTH) / u128::from(most);
        let bar = "█".repeat(usize::try_from(length).unwrap_or(0).max(1));
        lines.push(format!("  {label}  {bar} {text}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DevicesDocument, VolumeDocument};
    use crate::model::PushService;

    fn volume(day: &str, outcome: &str, deliveries: u64) -> VolumeDocument {
        let (day, outcome) = (day.to_owned(), outcome.to_owned());
        VolumeDocument { day, push_service: PushService::Fcm, outcome, deliveries }
    }

    #[test]
    fn a_bar_is_as_long_as_its_counts_beside_the_longest() {
        let usage = UsageDocument {
            volume: vec![
                volume("2026-11-20", "accepted", 60),
                volume("2026-11-20", "gone", 20),
                volume("2026-11-21", "accepted", 40),
            ],
            devices: vec![DevicesDocument { day: "2026-11-21".to_owned(), subscriptions: 15 }],
            ..UsageDocument::default()
        };

        let lines = lines(&usage);

        let bar = |length| "█".repeat(length);
        assert_eq!(lines[1], format!("  2026-11-20  fcm   {} 60 accepted, 20 gone", bar(40)));
        assert_eq!(lines[2], format!("  2026-11-21  fcm   {} 40 accepted", bar(20)));
        assert_eq!(lines[4], format!("  2026-11-21  {} 15", bar(40)));
    }

    #[test]
    fn whatever_a_relay_answers_steers_no_terminal_and_overflows_nothing() {
        let usage = UsageDocument {
            volume: vec![volume("\u{1b}[31m", "accepted", u64::MAX), volume("\u{1b}[31m", "gone", u64::MAX)],
            ..UsageDocument::default()
        };
        assert!(!lines(&usage).concat().contains('\u{1b}'));
    }
}
