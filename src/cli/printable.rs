//! Text for terminals: what a stranger wrote must not steer them.

/// `text` with every control character replaced, so that nothing recolours, moves or titles the terminal.
#[must_use]
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| {
        // Besides controls: marks that reorder what is read (Unicode, UAX #9: explicit formatting characters).
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_the_terminal_is_replaced() {
        assert_eq!(printable("a\u{1b}[31mb\r\nc\u{202e}d"), "a\u{fffd}[31mb\u{fffd}\u{fffd}c\u{fffd}d");
        assert_eq!(printable("Grüße, 世界"), "Grüße, 世界");
    }
}
