//! Panels of text, side by side where there is room, else one below the other.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A panel.
pub(crate) struct Panel {
    /// What it shows.
    pub(crate) heading: String,
    /// Its lines; they are wrapped to its width.
    pub(crate) lines: Vec<Line>,
}

/// A line in one style.
pub(crate) struct Line {
    /// How it looks.
    pub(crate) style: Style,
    /// What it says.
    pub(crate) text: String,
}

/// The narrowest terminal on which panels stand side by side.
pub(crate) const WIDE: usize = 120;
/// The widest that is used: longer lines are hard to read.
const WIDEST: usize = 180;
const FRAME: Style = Style::new().dimmed();
const HEADING: Style = Style::new().bold();

/// The lines of `panels` for a terminal of `width` columns, with their styles.
pub(crate) fn arrange(panels: &[Panel], width: usize) -> Vec<String> {
    if width >= WIDE && !panels.is_empty() {
        let width = width.min(WIDEST);
        side_by_side(panels, (width - 1 - 3 * panels.len()) / panels.len())
    } else {
        stacked(panels, width.clamp(40, WIDE))
    }
}

fn side_by_side(panels: &[Panel], column: usize) -> Vec<String> {
    let wrapped: Vec<Vec<Line>> = panels.iter().map(|panel| wrap_all(&panel.lines, column)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let rule = |left: char, between: char, right: char, headings: bool| {
        let mut line = format!("{FRAME}{left}{FRAME:#}");
        for (index, panel) in panels.iter().enumerate() {
            let heading = if headings { format!(" {} ", panel.heading) } else { String::new() };
            let rest = (column + 1).saturating_sub(heading.width());
            let end = if index + 1 == panels.len() { right } else { between };
            let _infallible = write!(
                line,
                "{FRAME}─{FRAME:#}{HEADING}{heading}{HEADING:#}{FRAME}{}{end}{FRAME:#}",
                "─".repeat(rest)
            );
        }
        line
    };
    let mut lines = vec![rule('┌', '┬', '┐', true)];
    for row in 0..height {
        let mut line = format!("{FRAME}│{FRAME:#}");
        for column_lines in &wrapped {
            let (style, text) =
                column_lines.get(row).map_or((Style::new(), ""), |line| (line.style, line.text.as_str()));
            let rest = " ".repeat(column.saturating_sub(text.width()));
            let _infallible = write!(line, " {style}{text}{style:#}{rest} {FRAME}│{FRAME:#}");
        }
        lines.push(line);
    }
    lines.push(rule('└', '┴', '┘', false));
    lines
}

fn stacked(panels: &[Panel], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for panel in panels {
        let rest = width.saturating_sub(panel.heading.width() + 4);
        lines.push(format!(
            "{FRAME}──{FRAME:#} {HEADING}{}{HEADING:#} {FRAME}{}{FRAME:#}",
            panel.heading,
            "─".repeat(rest)
        ));
        for Line { style, text } in wrap_all(&panel.lines, width - 3) {
            lines.push(format!("   {style}{text}{style:#}"));
        }
    }
    lines
}

fn wrap_all(lines: &[Line], width: usize) -> Vec<Line> {
    let wrapped = lines
        .iter()
        .flat_map(|line| wrap(&line.text, width).into_iter().map(|text| Line { style: line.style, text }));
    wrapped.collect()
}

/// Breaks between words, and within a word only where it alone is too wide. What follows keeps the indentation.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let indent = " ".repeat(indent.min(width / 2));
    let (mut lines, mut line) = (Vec::new(), indent.clone());
    for word in text.split_whitespace() {
        let gap = usize::from(line.width() > indent.width());
        if gap == 1 && line.width() + gap + word.width() > width {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        } else if gap == 1 {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > width {
                lines.push(std::mem::replace(&mut line, indent.clone()));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_their_indentation() {
        assert_eq!(wrap("  one two three", 9), ["  one two", "  three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("世界世界", 5), ["世界", "世界"]);
    }

    #[test]
    fn panels_stand_side_by_side_only_where_there_is_room() {
        let panel = |heading: &str| Panel {
            heading: heading.to_owned(),
            lines: vec![Line { style: Style::new(), text: "text ".repeat(20) }],
        };
        let panels = [panel("a"), panel("b"), panel("c"), panel("d")];
        for width in [40, 80, 119, 120, 140, 300] {
            let lines: Vec<_> = arrange(&panels, width)
                .iter()
                .map(|line| anstream::adapter::strip_str(line).to_string())
                .collect();
            assert!(lines.iter().all(|line| line.width() <= width), "{width}: {lines:#?}");
            assert_eq!(lines[0].contains('b'), width >= WIDE, "{width}");
        }
    }
}
